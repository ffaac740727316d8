import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Activity } from '../../src/activity/activity.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';

/** What PyTorch did when the network ran: per layer and timestep, summed over the samples. See test/corpus/README.md. */
export interface CorpusReference {
	readonly source: string;
	readonly timesteps: number;
	readonly samples: number;
	readonly files: Readonly<Record<string, string>>;
	readonly options: {
		readonly timesteps?: number;
		readonly output?: string;
		readonly dt?: number;
		readonly reset?: 'zero' | 'subtract';
	};
	readonly layers: readonly CorpusLayer[];
	readonly neurons: readonly { readonly name: string; readonly neurons: number; readonly spikes: readonly number[] }[];
	readonly products: { readonly events: number; readonly acs: number; readonly macs: number };
}

interface CorpusLayer {
	readonly name: string;
	readonly dense: number;
	readonly inputs: readonly number[];
	readonly events: readonly number[];
	readonly acs: readonly number[];
	readonly macs: readonly number[];
}

export const corpusFolder = fileURLToPath(new URL('../fixtures/corpus', import.meta.url));

export const corpusReference = (name: string, folder = corpusFolder): CorpusReference =>
	JSON.parse(readFileSync(join(folder, name, 'reference.json'), 'utf8'));

/** Every file of the corpus: the network's name and the file of one way to export it. */
export function corpusFiles(folder = corpusFolder): [name: string, file: string][] {
	return readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
		.flatMap(({ name }) =>
			Object.entries(corpusReference(name, folder).files)
				.filter(([way, file]) => file.startsWith(`${way}.`))
				.map(([, file]): [string, string] => [name, file]),
		)
		.sort(([a, x], [b, y]) => (a + x < b + y ? -1 : 1));
}

export async function countCorpus(name: string, file: string, folder = corpusFolder): Promise<Activity> {
	const { options } = corpusReference(name, folder);
	const network = await loadNetwork(join(folder, name, file), options);
	return countEvents(network, { data: join(folder, name, 'inputs.npy'), encoder: 'every-step' });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const sorted = <T>(values: readonly T[]): T[] => [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** The counts that PyTorch and the tool both give, without the names, which are the exporter's. */
export interface CorpusCounts {
	readonly timesteps: number;
	readonly samples: number;
	readonly layers: readonly Omit<CorpusLayer, 'name'>[];
	readonly neurons: readonly { readonly neurons: number; readonly spikes: readonly number[] }[];
	readonly products: CorpusReference['products'];
}

export function expectedCounts({ timesteps, samples, layers, neurons, products }: CorpusReference): CorpusCounts {
	return {
		timesteps,
		samples,
		layers: sorted(layers.map(({ dense, inputs, events, acs, macs }) => ({ dense, inputs, events, acs, macs }))),
		neurons: sorted(neurons.map(({ neurons, spikes }) => ({ neurons, spikes }))),
		products,
	};
}

export function foundCounts(activity: Activity): CorpusCounts {
	const layers: Omit<CorpusLayer, 'name'>[] = [];
	const neurons: CorpusCounts['neurons'][number][] = [];
	const products = { events: 0, acs: 0, macs: 0 };
	for (const layer of activity.layers) {
		if (layer.kind === 'neuron') {
			if (layer.spiking) neurons.push({ neurons: layer.neurons, spikes: layer.perTimestep.map(({ spikes }) => spikes) });
		} else if (layer.geometry.weightElements === 0) {
			products.events += layer.totals.synapticEvents;
			products.acs += layer.totals.acs;
			products.macs += layer.totals.macs;
		} else {
			layers.push({
				dense: layer.geometry.denseMacs,
				inputs: layer.perTimestep.map(({ activeInputs }) => activeInputs),
				events: layer.perTimestep.map(({ synapticEvents }) => synapticEvents),
				acs: layer.perTimestep.map(({ acs }) => acs),
				macs: layer.perTimestep.map(({ macs }) => macs),
			});
		}
	}
	const { timesteps, samples } = activity.run;
	return { timesteps, samples, layers: sorted(layers), neurons: sorted(neurons), products };
}

/** What differs, in a line: for the list of what is still wrong. Empty where all counts are equal. */
export function difference(found: CorpusCounts, expected: CorpusCounts): string {
	if (JSON.stringify(found) === JSON.stringify(expected)) return '';
	const parts: string[] = [];
	const say = (what: string, got: unknown, want: unknown) => {
		if (JSON.stringify(got) !== JSON.stringify(want)) parts.push(`${what} ${JSON.stringify(got)} for ${JSON.stringify(want)}`);
	};
	say('T', found.timesteps, expected.timesteps);
	say('samples', found.samples, expected.samples);
	say('layers', found.layers.length, expected.layers.length);
	for (const key of ['dense'] as const)
		say(key, sum(found.layers.map((one) => one[key])), sum(expected.layers.map((one) => one[key])));
	for (const key of ['inputs', 'events', 'acs', 'macs'] as const) {
		const total = (counts: CorpusCounts) => sum(counts.layers.map((one) => sum(one[key])));
		say(key, total(found), total(expected));
	}
	say('neuron layers', found.neurons.length, expected.neurons.length);
	say('neurons', sum(found.neurons.map(({ neurons }) => neurons)), sum(expected.neurons.map(({ neurons }) => neurons)));
	const spikes = (counts: CorpusCounts) => sum(counts.neurons.map((one) => sum(one.spikes)));
	say('spikes', spikes(found), spikes(expected));
	say('products', found.products, expected.products);
	return parts.join(', ') || 'the same totals at other timesteps or in other layers';
}
