/** From what a user writes (preset, configuration file, options) to one complete configuration. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { StageSettings, TrainingConfiguration } from './configuration.ts';
import { defaultConfiguration, paperPreset } from './configuration.ts';
import * as messages from './messages.ts';
import { rateSchedules } from './optimiser.ts';

export const presets: Readonly<Record<string, TrainingConfiguration>> = { default: defaultConfiguration, paper: paperPreset };

type Check = (value: unknown) => boolean;
const number =
	(low: number, high: number): Check =>
	(value) =>
		typeof value === 'number' && value >= low && value <= high;
const whole =
	(low: number): Check =>
	(value) =>
		Number.isInteger(value) && (value as number) >= low;
const oneOf =
	(...choices: readonly string[]): Check =>
	(value) =>
		typeof value === 'string' && choices.includes(value);
const truth: Check = (value) => typeof value === 'boolean';
const text: Check = (value) => typeof value === 'string' && value !== '';
const listOf =
	(check: Check): Check =>
	(value) =>
		Array.isArray(value) && value.length > 0 && value.every(check);

interface Rule {
	readonly check: Check;
	readonly expected: string;
}
const rule = (check: Check, expected: string): Rule => ({ check, expected });

const stageRules: Readonly<Record<keyof StageSettings, Rule>> = {
	optimiser: rule(oneOf('adam', 'sgd'), 'adam or sgd'),
	momentum: rule(number(0, 0.9999), 'a number from 0 to below 1'),
	amsgrad: rule(truth, 'true or false'),
	weightDecay: rule(number(0, 1), 'a number from 0 to 1'),
	learningRate: rule(number(0, 100), 'a positive number'),
	rateSchedule: rule(oneOf(...rateSchedules), rateSchedules.join(', ')),
	drops: rule((value) => Array.isArray(value) && value.every(number(0, 1)), 'a list of numbers from 0 to 1'),
	dropout: rule(number(0, 0.95), 'a number from 0 to 0.95'),
	labelSmoothing: rule(number(0, 0.9), 'a number from 0 to 0.9'),
};

const thresholdRules: Readonly<Record<keyof TrainingConfiguration['thresholds'], Rule>> = {
	percentile: rule(number(0, 1), 'a number from 0 to 1'),
	steps: rule(whole(1), 'a whole number from 1'),
	scale: rule(number(0.001, 100), 'a positive number'),
	images: rule(whole(1), 'a whole number from 1'),
};

const rules: Readonly<Record<Exclude<keyof TrainingConfiguration, 'relu' | 'spiking' | 'thresholds'>, Rule>> = {
	dataset: rule(text, 'the name of a data set'),
	arch: rule(text, 'an architecture'),
	pooling: rule(oneOf('average', 'max'), 'average or max'),
	normalisation: rule(truth, 'true or false'),
	schedule: rule(listOf(whole(1)), 'a list of timesteps such as 5,4,3,2,1'),
	reluEpochs: rule(number(0.001, 1e5), 'a positive number'),
	spikingEpochs: rule(listOf(number(0.001, 1e5)), 'a list of positive numbers'),
	control: rule(truth, 'true or false'),
	seed: rule(whole(0), 'a whole number'),
	batch: rule(whole(1), 'a whole number from 1'),
	shards: rule(whole(1), 'a whole number from 1'),
	crop: rule(whole(0), 'a whole number of pixels'),
	flip: rule(truth, 'true or false'),
	trainLimit: rule(whole(0), 'a whole number'),
	testLimit: rule(whole(0), 'a whole number'),
};

/** A configuration of which only some settings are given. */
export type PartialConfiguration = {
	readonly [K in keyof TrainingConfiguration]?: Partial<TrainingConfiguration[K]> | undefined;
};

function checkGroup(group: unknown, groupRules: Readonly<Record<string, Rule>>, place: string, prefix: string): void {
	if (typeof group !== 'object' || group === null || Array.isArray(group))
		throw messages.wrongSetting(place, prefix || 'configuration', group, 'settings by name');
	for (const [key, value] of Object.entries(group)) {
		const found = groupRules[key];
		if (!found) throw messages.unknownSetting(place, prefix + key, Object.keys(groupRules));
		if (value !== undefined && !found.check(value)) throw messages.wrongSetting(place, prefix + key, value, found.expected);
	}
}

/**
 * Checks settings and names the first that is unknown or of the wrong kind.
 *
 * @param place  where they come from, for the message
 */
export function checkedSettings(settings: unknown, place: string): PartialConfiguration {
	if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
		throw messages.wrongSetting(place, 'configuration', settings, 'settings by name');
	const { relu, spiking, thresholds, ...rest } = settings as Record<string, unknown>;
	checkGroup(rest, rules, place, '');
	if (relu !== undefined) checkGroup(relu, stageRules, place, 'relu.');
	if (spiking !== undefined) checkGroup(spiking, stageRules, place, 'spiking.');
	if (thresholds !== undefined) checkGroup(thresholds, thresholdRules, place, 'thresholds.');
	return settings as PartialConfiguration;
}

const given = <T extends object>(settings: T): Partial<T> =>
	Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Lays settings over a configuration; later ones win. */
export function mergeSettings(base: TrainingConfiguration, ...layers: readonly PartialConfiguration[]): TrainingConfiguration {
	let merged = base;
	for (const { relu, spiking, thresholds, ...rest } of layers) {
		merged = {
			...merged,
			...(given(rest) as Partial<TrainingConfiguration>),
			relu: { ...merged.relu, ...given(relu ?? {}) },
			spiking: { ...merged.spiking, ...given(spiking ?? {}) },
			thresholds: { ...merged.thresholds, ...given(thresholds ?? {}) },
		};
	}
	return merged;
}

/** Reads a configuration file, YAML or JSON. @throws UserError naming the file and the setting */
export function readSettings(path: string): PartialConfiguration {
	let value: unknown;
	try {
		value = parse(readFileSync(path, 'utf8'));
	} catch (cause) {
		throw messages.unreadableSettings(path, cause);
	}
	return checkedSettings(value, path);
}
