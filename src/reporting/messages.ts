/** Every sentence the reporting folder can refuse something with. */

import { UserError } from '../errors.ts';
import { visible } from './escaping.ts';

export function notJson(file: string): UserError {
	return new UserError(
		`${visible(file)}: is not JSON; expected a result that "snn-energy analyze --format json" or --save-activity wrote.`,
	);
}

export function notAnalysis(file: string, found: string): UserError {
	return new UserError(
		`${visible(file)}: holds ${visible(found)}; expected schema "snn-energy/analysis@1". Write one with "snn-energy analyze MODEL --format json --out FILE".`,
	);
}

export function invalidAnalysis(file: string, place: string, problem: string): UserError {
	return new UserError(
		`${visible(file)}: at ${visible(place)}: ${visible(problem)}; the file is damaged or was edited. Write it again.`,
	);
}

export function changedSinceSaved(file: string): UserError {
	return new UserError(
		`${visible(file)}: its content does not match its checksum; the file is damaged or was edited. Write it again.`,
	);
}

export function invalidLimit(option: string, found: string, units: string): UserError {
	return new UserError(`--${option} ${visible(found)}: expected a positive number with a unit, ${units}.`, { exitCode: 2 });
}

export function invalidAccuracyLimit(found: string): UserError {
	return new UserError(`--min-accuracy ${visible(found)}: expected a fraction such as 0.9 or a percentage such as 90%.`, {
		exitCode: 2,
	});
}

export function limitWithoutValue(option: string, what: string): UserError {
	return new UserError(`--${option}: ${what}, so the limit cannot be checked.`);
}
