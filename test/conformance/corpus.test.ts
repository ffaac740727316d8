import { corpusFiles, corpusReference, countCorpus, difference, expectedCounts, foundCounts } from '../support/corpus.ts';

/**
 * Networks as current frameworks' tutorials and papers build them, exported by torch.onnx both ways, counted in PyTorch by
 * test/corpus/build.py. What is still read wrongly stands here with what is wrong; its test fails as soon as it is right, so
 * that the line goes.
 */
const known: Readonly<Record<string, string>> = {
	'spikingjelly-delay/dynamo.onnx':
		'totals are right; whether spikes or currents wait a timestep cannot be told, and the spikes are taken to',
};

const files = corpusFiles();
const names = files.map(([name, file]) => `${name}/${file}`);

async function compare(path: string): Promise<string> {
	const [name = '', file = ''] = path.split('/');
	return difference(foundCounts(await countCorpus(name, file)), expectedCounts(corpusReference(name)));
}

test('the corpus holds at least 60 networks', () => {
	expect(new Set(files.map(([name]) => name)).size).toBeGreaterThanOrEqual(60);
});

test('every known fault names a file of the corpus', () => {
	expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
});

test.each(names.filter((name) => !(name in known)))("%s: every count equals PyTorch's", async (name) => {
	expect(await compare(name)).toBe('');
});

test.each(Object.keys(known))('%s is still read wrongly', async (name) => {
	const said = await compare(name).catch((error: unknown) => String(error));
	expect(said).not.toBe('');
});
