import type { CommandModule } from 'yargs';
import { chip } from './chip.ts';

/**
 * Every command, in the order of the top help. A command's file imports only types and option
 * tables at the top; heavy modules are imported inside its handler, so that the CLI starts fast.
 */
export const commands: readonly CommandModule[] = [chip];
