/** @type {import('jest').Config} */
export default {
	testEnvironment: './test/support/node-environment.js',
	extensionsToTreatAsEsm: ['.ts'],
	transform: {
		'^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } }],
	},
	moduleNameMapper: { '^#platform/(.*)$': '<rootDir>/src/platform/node/$1.ts' },
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	modulePathIgnorePatterns: ['<rootDir>/dist/'],
	testTimeout: 60_000,
};
