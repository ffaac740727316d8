/**
 * AssemblyScript: passes over tensors where they lie in WebAssembly's memory, four numbers at a time. `usize` arguments are addresses
 * of float32 tensors. `npm run kernels` compiles this folder into ../compiled.ts.
 */
export * from './channels';
export * from './elements';
export * from './filter-gradient';
export * from './neurons';
export * from './pooling';
