import { countedLayers, countGraph, storedCounts } from '../support/graph-reference.ts';

/** Networks with the habits of real frameworks, whose every count equals PyTorch's, per layer and timestep. */
const exact = [
	['inplace-folded', {}],
	['inplace-avgpool', {}],
	['inplace-spk_rec', {}],
] as const;

test.each(exact)('%s %j: spikes, ACs, MACs and neurons are those of PyTorch’s hooks', async (name, load) => {
	const activity = await countGraph(name, load);
	expect(countedLayers(activity)).toEqual(storedCounts(name));
	expect(activity.warnings).toEqual([]);
});
