export { readTfjs } from './reader.ts';
