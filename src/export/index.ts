export { type NirExport, nirOfNetwork, nirTimestep } from './nir.ts';
