/**
 * Jest's own test runner on Node's own modules. Jest loads the modules of every test file anew into a realm of the file's own,
 * which took longer than most of the tests. Here the files that one worker runs share the modules they import, as the parts of a
 * program do. So a module may not keep what one test file did to it. A test file that needs modules of its own says `@own-modules`.
 */
import { readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import circus from 'jest-circus/runner';

register('./typescript.js', import.meta.url);
process.setSourceMapsEnabled(true);
const require = createRequire(import.meta.url);
const { useGlobals } = await import('./globals.js');
oneThreadPerSession();

/**
 * What asks onnxruntime for no number of threads gets one: there is a jest worker for every core, and to start and to end the threads of a
 * session takes longer than most networks of the tests. Command lines in processes of their own have as many as users have.
 */
function oneThreadPerSession() {
	try {
		const { InferenceSession } = require('onnxruntime-node');
		const { create } = InferenceSession;
		InferenceSession.create = (model, options) => create.call(InferenceSession, model, { intraOpNumThreads: 1, ...options });
	} catch {
		// It is not installed here.
	}
}

const own = (path) => readFileSync(path, 'utf8').includes('@own-modules');

export default async function run(globalConfig, config, environment, _runtime, testPath, send) {
	const before = { directory: process.cwd(), variables: { ...process.env }, exitCode: process.exitCode };
	const native = {
		enterTestCode: () => {},
		leaveTestCode: () => {},
		// A new copy for each test file: it keeps the tests that a file has named.
		requireInternalModule(path) {
			delete require.cache[path];
			return require(path);
		},
		requireModule: (path) => require(path),
		setGlobalsForRuntime: (globals) => useGlobals(globals, environment.moduleMocker),
		unstable_importModule: (path) => import(`${pathToFileURL(path)}?${own(path) ? 'own' : 'at'}=${Date.now()}`),
		unstable_shouldLoadAsEsm: () => true,
	};
	try {
		return await circus.default(globalConfig, config, environment, native, testPath, send);
	} finally {
		const { removeTemporaryFolders } = await import('../temporary.ts');
		removeTemporaryFolders();
		environment.moduleMocker.restoreAllMocks();
		for (const name of Object.keys(process.env)) if (!(name in before.variables)) delete process.env[name];
		Object.assign(process.env, before.variables);
		process.exitCode = before.exitCode;
		if (process.cwd() !== before.directory) process.chdir(before.directory);
	}
}
