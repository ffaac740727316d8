import type { CommandModule } from 'yargs';
import { accountings } from './accountings.ts';
import { analyze } from './analyze.ts';
import { breakEven } from './break-even.ts';
import { chip } from './chip.ts';
import { compare } from './compare.ts';
import { convert } from './convert.ts';
import { data } from './data.ts';
import { diff } from './diff.ts';
import { exportCommand } from './export.ts';
import { fit } from './fit.ts';
import { inspect } from './inspect.ts';
import { memory } from './memory.ts';
import { plot } from './plot.ts';
import { price } from './price.ts';
import { profiles } from './profiles.ts';
import { report } from './report.ts';
import { sensitivity } from './sensitivity.ts';
import { tables } from './tables.ts';
import { train } from './train.ts';
import { validate } from './validate.ts';

/**
 * Every command, in the order of the top help. A command's file imports only types and option
 * tables at the top; heavy modules are imported inside its handler, so that the CLI starts fast.
 */
export const commands: readonly CommandModule[] = [
	analyze,
	inspect,
	chip,
	fit,
	price,
	profiles,
	sensitivity,
	breakEven,
	memory,
	accountings,
	validate,
	compare,
	diff,
	report,
	plot,
	tables,
	train,
	convert,
	data,
	exportCommand,
];
