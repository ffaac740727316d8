// Preloaded (node --require): onnxruntime-node is not installed.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
	if (request !== 'onnxruntime-node') return resolve(request, ...rest);
	throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
};
