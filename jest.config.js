/** @type {import('jest').Config} */
export default {
	testRunner: './test/support/jest/runner.js',
	transform: {},
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	modulePathIgnorePatterns: ['<rootDir>/dist/'],
	testTimeout: 60_000,
};
