import { totalmem } from 'node:os';

/** Memory of this machine, in bytes. */
export const memoryBytes: number = totalmem();
