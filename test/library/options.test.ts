import { UserError } from '../../src/errors.ts';
import { analyzeFile, countEvents, loadNetwork, type Network, priceActivity } from '../../src/index.ts';

const model = new URL('../fixtures/c-snntorch-fc-bernoulli/model.onnx', import.meta.url).pathname;
let network: Network;
beforeAll(async () => {
	network = await loadNetwork(model);
});

/** The sentence a call is refused with. */
async function refusal(call: () => unknown): Promise<string> {
	try {
		await call();
	} catch (error) {
		if (error instanceof UserError) return error.message;
		throw error;
	}
	return 'it was not refused';
}

const numbers = ['timesteps', 'samples', 'batch', 'threads'] as const;
const wrongNumbers: readonly unknown[] = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '3', null, true, [1]];
test.each(numbers.flatMap((name) => wrongNumbers.map((value) => [name, value] as const)))(
	'%s of %p is refused in a sentence, where it is given to the library too',
	async (name, value) => {
		const options = { data: 'random:1', [name]: value } as object;
		const call = name === 'timesteps' ? () => loadNetwork(model, options) : () => countEvents(network, options);
		expect(await refusal(call)).toMatch(new RegExp(`^${name} .*: expected a whole number of at least 1\\.$`));
	},
);

test.each([
	['encoder', 'twice'],
	['spikeTest', ''],
	['graded', 3],
	['shard', { index: 3, of: 2 }],
	['shard', { index: 0, of: 2 }],
	['data', 5],
	['readers', -1],
	['signal', {}],
	['onProgress', 'yes'],
])('%s of %p is refused in a sentence', async (name, value) => {
	const options = { data: 'random:1', [name]: value } as object;
	expect(await refusal(() => countEvents(network, options))).toMatch(new RegExp(`^${name} .*: expected .*\\.$`));
});

test.each([
	['dt', 0],
	['dt', Number.POSITIVE_INFINITY],
	['reset', 'soft'],
	['readout', 'mean'],
	['states', 'a=b'],
])('%s of %p is refused in a sentence', async (name, value) => {
	expect(await refusal(() => loadNetwork(model, { [name]: value } as object))).toMatch(
		new RegExp(`^${name} .*: expected .*\\.$`),
	);
});

test('prices without profiles are refused in a sentence', async () => {
	const activity = await countEvents(network, { data: 'random:1', samples: 2 });
	expect(await refusal(() => priceActivity(activity, {} as never))).toMatch(/^profiles null: expected a list of texts\.$/);
	expect(await refusal(() => analyzeFile(model, { profiles: '45nm' } as never))).toMatch(/^profiles "45nm": expected a list/);
});
