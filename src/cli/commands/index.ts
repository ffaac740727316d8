import type { CommandModule } from 'yargs';
import { analyze } from './analyze.ts';
import { chip } from './chip.ts';
import { inspect } from './inspect.ts';

/**
 * Every command, in the order of the top help. A command's file imports only types and option
 * tables at the top; heavy modules are imported inside its handler, so that the CLI starts fast.
 */
export const commands: readonly CommandModule[] = [analyze, inspect, chip];
