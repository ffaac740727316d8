import { sha256 } from '#platform/digest';
import { toBase64 } from '../bytes.ts';
import type { Network } from '../network/network.ts';
import type { CountingRules, RunFacts } from '../simulation/run-facts.ts';
import type { SampleSource } from '../simulation/samples.ts';
import { tool } from '../version.ts';

/**
 * What decides the counts of a run: two parts belong to one run only if all of it is equal. How the work was done (batch
 * size, threads, workers, names of files) is no part of it.
 */
export interface RunSettings {
	readonly program: string;
	/** SHA-256 of the model file. */
	readonly model: string;
	/** SHA-256 of all constants of the graph: weights may lie in files of their own. */
	readonly weights: string;
	/** SHA-256 of the data, or the name of data that are made, and how they were prepared. */
	readonly data: string;
	readonly samples: number;
	/** SHA-256 of the labels, or "none". */
	readonly labels: string;
	readonly sampleShape: string;
	/** Timesteps of spike trains, or "none" where a sample is one static tensor. */
	readonly dataTimesteps: number | 'none';
	readonly timesteps: number;
	readonly encoder: string;
	readonly spikeTest: string;
	readonly graded: string;
	readonly output: string;
	readonly readout: string;
	readonly states: string;
}

export function settingsOf(network: Network, source: SampleSource, rules: CountingRules): RunSettings {
	const weights = sha256();
	for (const [name, { type, dims, bytes }] of network.model.graph.constants)
		weights.update(`${name} ${type} ${dims}\n`).update(bytes);
	return {
		program: `${tool.name} ${tool.version}`,
		model: network.sha256,
		weights: weights.hex(),
		data: [source.sha256 ?? source.name, ...Object.entries(source.preparation?.options ?? {}).flat()].join(' '),
		samples: source.count,
		labels: source.labels === null ? 'none' : hashOf(Array.from(source.labels).slice(0, source.count)),
		sampleShape: `[${source.sampleShape.join(', ')}]`,
		dataTimesteps: source.timesteps ?? 'none',
		timesteps: rules.timesteps,
		encoder: rules.encoder,
		spikeTest: rules.spikeTest,
		graded: rules.graded,
		output: network.readout.output,
		readout: network.readout.rule,
		states: hashOf(network.states.map(({ input, output, initial }) => [input, output, initialText(initial)])),
	};
}

const initialText = (initial: Network['states'][number]['initial']): unknown =>
	typeof initial === 'number' ? initial : [initial.type, initial.dims, toBase64(initial.bytes)];

export const hashOf = (value: unknown): string => sha256().update(JSON.stringify(value)).hex();

/** The first setting that differs, with both values; null when the runs are the same. */
export function differentSetting(
	a: RunSettings,
	b: RunSettings,
): readonly [setting: keyof RunSettings, a: string, b: string] | null {
	const keys = Object.keys(a) as (keyof RunSettings)[];
	const different = keys.find((key) => a[key] !== b[key]);
	return different ? [different, String(a[different]), String(b[different])] : null;
}

/** Whether two parts were read as the same structure. Names of files and the runtime may differ: two machines have two. */
export function sameStructure(one: RunFacts, two: RunFacts): boolean {
	const unnamed = ({ model, data, warnings, assumptions, runtimes: _, ...facts }: RunFacts): string =>
		hashOf({ ...facts, parameters: model.parameters, random: data.random, notes: [warnings.length, assumptions.length] });
	return unnamed(one) === unnamed(two);
}
