/**
 * Jest's globals, and what test files import from '@jest/globals', when Node loads them: each name passes on to the test file that runs now, because
 * the modules that import it outlive a test file.
 */

let current = {};
const timeout = Symbol.for('TEST_TIMEOUT_SYMBOL');

/** @param globals what jest-circus made for the test file that runs next */
export function useGlobals(globals, mocker) {
	delete globalThis[timeout];
	current = {
		...globals,
		jest: {
			fn: mocker.fn.bind(mocker),
			spyOn: mocker.spyOn.bind(mocker),
			setTimeout(milliseconds) {
				globalThis[timeout] = milliseconds;
			},
		},
	};
	Object.assign(globalThis, current);
}

function passedOn(name) {
	return new Proxy(() => {}, {
		apply: (_target, _self, values) => current[name](...values),
		get: (_target, key) => current[name][key],
	});
}

export const afterAll = passedOn('afterAll');
export const afterEach = passedOn('afterEach');
export const beforeAll = passedOn('beforeAll');
export const beforeEach = passedOn('beforeEach');
export const describe = passedOn('describe');
export const expect = passedOn('expect');
export const jest = passedOn('jest');
export const test = passedOn('test');
