import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

const samples = 3;
const data = Float32Array.from({ length: samples * 6 }, (_, at) => [2, 0, -1.25, 3.5, 0.75, 0, 1.5, -2][(at * 5) % 8] as number);

/** What a spike leaves of the membrane. */
const resets: Readonly<Record<string, (graph: ModelBuilder, membrane: string, spikes: string) => string>> = {
	soft: (graph, membrane, spikes) => graph.add('Sub', [membrane, spikes]),
	hard: (graph, membrane, spikes) => graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), spikes])]),
};
/** How the membrane is compared with the threshold of 1. */
const decisions: Readonly<Record<string, (graph: ModelBuilder, membrane: string) => string>> = {
	'above a threshold': (graph, membrane) => graph.add('Greater', [membrane, graph.scalar(1)]),
	'above 0 less a threshold': (graph, membrane) =>
		graph.add('Greater', [graph.add('Sub', [membrane, graph.scalar(1)]), graph.scalar(0)]),
};

/** Two layers of leaky neurons; the input never changes, so that the first weights work once for all timesteps. */
async function counted(timesteps: number, reset: string, decision: string, zeroStates: boolean) {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.constant('fc1.weight', weights([6, 8], 3));
	graph.constant('fc2.weight', weights([8, 4], 7));
	const current = graph.add('MatMul', ['x', 'fc1.weight']);
	const kept: (string | null)[] = zeroStates ? [graph.scalar(0), graph.scalar(0)] : [null, null];
	const neuron = (layer: number, entering: string): string => {
		const before = kept[layer] ?? null;
		const membrane = before === null ? entering : graph.add('Add', [graph.add('Mul', [before, graph.scalar(0.5)]), entering]);
		const fires = (decisions[decision] as (typeof decisions)[string])(graph, membrane);
		const spikes = graph.add('Cast', [fires], { to: 1 });
		kept[layer] = (resets[reset] as (typeof resets)[string])(graph, membrane, spikes);
		return spikes;
	};
	const answers: string[] = [];
	for (let step = 0; step < timesteps; step += 1)
		answers.push(neuron(1, graph.add('MatMul', [neuron(0, current), 'fc2.weight'])));
	graph.output(graph.add('Sum', answers));
	const network = await networkOf(graph.build());
	return { network, activity: await simulate(network, arraySource(data, [6]), { encoder: 'every-step' }) };
}

const cases = [2, 3].flatMap((timesteps) =>
	Object.keys(resets).flatMap((reset) =>
		Object.keys(decisions).map((decision): [number, string, string] => [timesteps, reset, decision]),
	),
);

test.each(cases)(
	'over %i timesteps with a %s reset, a decision %s counts alike whether the first membrane is a sum with zeros or weights alone',
	async (timesteps, reset, decision) => {
		const [zeros, bare] = [await counted(timesteps, reset, decision, true), await counted(timesteps, reset, decision, false)];
		for (const { leak, stateWords, ...layer } of bare.network.neuronLayers.filter(({ spiking }) => spiking))
			expect([leak, stateWords, layer.reset]).toEqual([0.5, 1, reset]);
		expect(bare.activity.totals.spikes).toBeGreaterThan(0);
		expect(bare.activity.totals).toEqual(zeros.activity.totals);
	},
);
