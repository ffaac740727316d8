/** From what a user writes (preset, configuration file, options) to one complete configuration. */

import { parse } from 'yaml';
import { UserError } from '../errors.ts';
import { readInputText } from '../inputs.ts';
import { refuseDeepYaml } from '../json.ts';
import { poolings } from '../network/architectures.ts';
import type { StageSettings, TrainingConfiguration } from './configuration.ts';
import { cpuPreset, defaultConfiguration, paperPreset } from './configuration.ts';
import * as messages from './messages.ts';
import { rateSchedules } from './optimiser.ts';

export const presets: Readonly<Record<string, TrainingConfiguration>> = {
	default: defaultConfiguration,
	cpu: cpuPreset,
	paper: paperPreset,
};

type Check = (value: unknown) => boolean;
const number =
	(low: number, high: number): Check =>
	(value) =>
		typeof value === 'number' && value >= low && value <= high;
const whole =
	(low: number, high = 2 ** 32 - 1): Check =>
	(value) =>
		Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
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
	learningRate: rule(number(Number.MIN_VALUE, 100), 'a number above 0, at most 100'),
	rateSchedule: rule(oneOf(...rateSchedules), rateSchedules.join(', ')),
	drops: rule((value) => Array.isArray(value) && value.every(number(0, 1)), 'a list of numbers from 0 to 1'),
	dropout: rule(number(0, 0.95), 'a number from 0 to 0.95'),
	labelSmoothing: rule(number(0, 0.9), 'a number from 0 to 0.9'),
	cutout: rule(whole(0), 'a whole number of pixels'),
	averaging: rule(number(0, 0.99999), 'a number from 0 to below 1'),
};

const thresholdRules: Readonly<Record<keyof TrainingConfiguration['thresholds'], Rule>> = {
	percentile: rule(number(0, 1), 'a number from 0 to 1'),
	steps: rule(whole(1), 'a whole number from 1'),
	scale: rule(number(0.001, 100), 'a number from 0.001 to 100'),
	balance: rule(truth, 'true or false'),
	images: rule(whole(1), 'a whole number from 1'),
};

const rules: Readonly<Record<Exclude<keyof TrainingConfiguration, 'relu' | 'spiking' | 'thresholds'>, Rule>> = {
	dataset: rule(text, 'the name of a data set'),
	arch: rule(text, 'an architecture'),
	pooling: rule(oneOf(...poolings), poolings.join(', ')),
	normalisation: rule(truth, 'true or false'),
	spikingNormalisation: rule(truth, 'true or false'),
	distillation: rule(number(0, 1), 'a number from 0 to 1'),
	energyWeight: rule(number(0, 1000), 'a number from 0 to 1000'),
	energyProfile: rule(text, 'a hardware profile'),
	energyAccounting: rule(text, 'a way of counting'),
	schedule: rule(listOf(whole(1, 1000)), 'a list of timesteps (1 to 1000) such as 5,4,3,2,1'),
	reluEpochs: rule(number(0.001, 1e5), 'a number from 0.001 to 100000'),
	spikingEpochs: rule(listOf(number(0.001, 1e5)), 'a list of numbers from 0.001 to 100000'),
	control: rule(truth, 'true or false'),
	refineEpochs: rule(number(0, 1e5), 'a number from 0 to 100000'),
	seed: rule(whole(0), 'a whole number from 0 to 4294967295'),
	batch: rule(whole(1), 'a whole number from 1'),
	shards: rule(whole(1), 'a whole number from 1'),
	crop: rule(whole(0), 'a whole number of pixels'),
	flip: rule(truth, 'true or false'),
	validation: rule(whole(0), 'a whole number from 0 (none)'),
	trainLimit: rule(whole(0), 'a whole number from 0 (all)'),
	testLimit: rule(whole(0), 'a whole number from 0 (all)'),
};

/** A configuration of which only some settings are given. */
export type PartialConfiguration = {
	readonly [K in keyof TrainingConfiguration]?: Partial<TrainingConfiguration[K]> | undefined;
};

/** Says where a setting stands, for a message: `run.yaml: "spiking.dropout"`, or `--dropout`. */
export type SettingPlace = (setting: string) => string;

const inFile =
	(path: string): SettingPlace =>
	(setting) =>
		`${path}: "${setting}"`;

function checkGroup(group: unknown, groupRules: Readonly<Record<string, Rule>>, place: SettingPlace, prefix: string): void {
	if (typeof group !== 'object' || group === null || Array.isArray(group))
		throw messages.wrongSetting(place(prefix.slice(0, -1)), group, 'settings by name');
	for (const [key, value] of Object.entries(group)) {
		const found = Object.hasOwn(groupRules, key) ? groupRules[key] : undefined;
		if (!found) throw messages.unknownSetting(place(prefix + key), Object.keys(groupRules));
		if (value !== undefined && !found.check(value)) throw messages.wrongSetting(place(prefix + key), value, found.expected);
	}
}

const groups = { relu: stageRules, spiking: stageRules, thresholds: thresholdRules } as const;

/**
 * Checks settings and names the first that is unknown or of the wrong kind.
 *
 * @param place  says where a setting comes from, for the message
 * @throws UserError
 */
export function checkedSettings(settings: unknown, place: SettingPlace): PartialConfiguration {
	if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
		throw messages.wrongSetting(place('configuration'), settings, 'settings by name');
	const own = Object.fromEntries(Object.entries(settings).filter(([key]) => !Object.hasOwn(groups, key)));
	checkGroup(own, { ...rules, ...groupNames }, place, '');
	for (const [name, groupRules] of Object.entries(groups)) {
		const group = (settings as Record<string, unknown>)[name];
		if (group !== undefined) checkGroup(group, groupRules, place, `${name}.`);
	}
	return settings as PartialConfiguration;
}

/** So that a message about an unknown setting lists the groups too; their content is checked by itself. */
const groupNames: Readonly<Record<keyof typeof groups, Rule>> = {
	relu: rule(() => true, 'settings by name'),
	spiking: rule(() => true, 'settings by name'),
	thresholds: rule(() => true, 'settings by name'),
};

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
	const { schedule } = merged;
	if (layers.some(({ spikingEpochs }) => spikingEpochs !== undefined) || schedule.length === base.spikingEpochs.length)
		return merged;
	// The base's numbers are for its own schedule: the last stage keeps its own, the others have the first's.
	const [first = 1, last = first] = [base.spikingEpochs[0], base.spikingEpochs.at(-1)];
	return { ...merged, spikingEpochs: schedule.map((_, index) => (index === schedule.length - 1 ? last : first)) };
}

/**
 * Checks what settings must be among each other.
 *
 * @throws UserError naming the settings that do not fit
 */
export function checkedConfiguration(configuration: TrainingConfiguration): TrainingConfiguration {
	const { schedule, spikingEpochs } = configuration;
	// A stage's checkpoint and model are named by its timesteps.
	if (new Set(schedule).size !== schedule.length) throw messages.repeatedTimesteps(schedule);
	if (configuration.spikingNormalisation && !configuration.normalisation) throw messages.nothingToKeep();
	if (spikingEpochs.length > schedule.length) throw messages.tooManyEpochs(spikingEpochs, schedule);
	return configuration;
}

const largestSettings = 1_000_000;

/** Reads a configuration file, YAML or JSON. @throws UserError naming the file and the setting */
export function readSettings(path: string): PartialConfiguration {
	let value: unknown;
	try {
		const text = readInputText(path, { largest: largestSettings });
		refuseDeepYaml(text);
		value = parse(text, { maxAliasCount: 20 });
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw messages.unreadableSettings(path, cause);
	}
	return checkedSettings(value, inFile(path));
}
