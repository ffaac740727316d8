/** @type {import('jest').Config} */
export default {
	testRunner: './test/support/jest/runner.js',
	transform: {},
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	modulePathIgnorePatterns: ['<rootDir>/dist/'],
	// Ends what hangs; a slow and busy machine takes many times what an idle one does.
	testTimeout: 300_000,
	// Jest leaves a core to itself, which on a machine of two is half of them. What test files share must not pile up.
	maxWorkers: '100%',
	workerIdleMemoryLimit: '2GB',
};
