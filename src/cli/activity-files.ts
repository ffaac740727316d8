import { join } from 'node:path';
import { makeFolder } from '../files.ts';
import type { RunArguments } from './options.ts';

/**
 * Where each of several models' counts are saved in the folder --save-activity names, which is made if it is not there;
 * nowhere without the option.
 *
 * @throws UserError when the folder cannot be made
 */
export function activityFiles(models: readonly string[], values: RunArguments): (string | undefined)[] {
	const { saveActivity: folder, shard } = values;
	if (folder === undefined) return models.map(() => undefined);
	makeFolder(folder, '--save-activity');
	return runNames(models).map((name) =>
		join(folder, `${name}${shard === undefined ? '' : `.${shard.replace('/', '-of-')}`}.activity.json`),
	);
}

/** A short name for each model, without folders and endings where that tells them apart. */
export function runNames(models: readonly string[]): string[] {
	const parts = models.map((model) =>
		model
			.replace(/\.(onnx|nir|json)$/i, '')
			.split(/[\\/]+/)
			.filter((part) => part !== '' && part !== '.' && part !== '..'),
	);
	const named = (depth: number): string[] =>
		parts.map(
			(path) =>
				path
					.slice(-depth)
					.join('-')
					.replace(/[^\w.-]/g, '_') || 'model',
		);
	const deepest = Math.max(...parts.map(({ length }) => length));
	for (let depth = 1; depth <= deepest; depth += 1) {
		const names = named(depth);
		if (new Set(names).size === names.length) return names;
	}
	return named(deepest).map((name, at) => `${at + 1}-${name}`);
}
