export { type NirExport, nirOfNetwork } from './nir.ts';
