import type { CountRequest } from '../worker/protocol.ts';
import { addRun, count, notice, type Run, report, runs, takeResult } from './state.ts';

/** What shows the page at work: saved results at once, counted when asked. */
export interface Example {
	readonly id: string;
	readonly title: string;
	readonly results: readonly string[];
	/** Model and data that are counted when asked, where the page has them. */
	readonly model: { readonly file: string; readonly data: string } | null;
}

const folder = 'examples/fashion-cnn/';

export const examples: readonly Example[] = [
	{
		id: 'fashion-T1',
		title: 'Fashion-MNIST, T = 1',
		results: ['model.analysis.json'],
		model: { file: 'model.onnx', data: 'samples.npz' },
	},
	{ id: 'fashion-T5', title: 'the same, T = 5', results: ['model-T5.analysis.json'], model: null },
	{
		id: 'fashion-compared',
		title: 'both and ReLU',
		results: ['relu.analysis.json', 'model-T5.analysis.json', 'model.analysis.json'],
		model: null,
	},
];

async function fetched(file: string): Promise<Response> {
	const response = await fetch(folder + file);
	if (!response.ok) throw new Error(`${folder}${file}: the server answered ${response.status}`);
	return response;
}

/** Shows the saved results of an example. */
export async function showExample(id: string): Promise<void> {
	const example = examples.find((candidate) => candidate.id === id);
	if (!example) return;
	try {
		notice.value = null;
		const texts = await Promise.all(example.results.map(async (file) => (await fetched(file)).text()));
		const known = runs.value.map(({ example: name }) => name);
		for (const [index, text] of texts.entries()) {
			const file = example.results[index] ?? '';
			if (!known.includes(file)) takeResult(text, file, file);
		}
	} catch (error) {
		report(error);
	}
}

/** The request that counts a saved example here; null where its model is not part of the page. */
export const exampleOf = ({ example }: Run): Example | null =>
	examples.find(({ results, model }) => model !== null && results.length === 1 && results[0] === example) ?? null;

export async function countExample(run: Run): Promise<void> {
	const model = exampleOf(run)?.model;
	if (!model) return;
	try {
		const [network, data] = await Promise.all([model.file, model.data].map(async (file) => (await fetched(file)).blob()));
		if (!network || !data) return;
		const request: CountRequest = {
			files: [
				[model.file, network],
				[model.data, data],
			],
			model: model.file,
			data: undefined,
			labels: undefined,
			options: {},
		};
		await count(request, { replaces: run.id });
	} catch (error) {
		report(error);
	}
}

export { addRun };
