import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeModel } from '../dist/formats/onnx/index.js';
import { readTrained } from '../dist/training/export/convert.js';
import { onnxModel } from '../dist/training/export/onnx.js';
import { cifarVgg16, residualChain, resnet20, spikingNetwork, vgg16 } from './spiking-network.js';

/**
 * What is measured. `load` gives the model, `loadWeights` the same without neurons, all timesteps at once: the limit of what
 * a dense run can save. `file` names the model where it lies in the repository already.
 * `level` is the least thorough run that holds the case: quick, usual, or full.
 */
export const levels = ['quick', 'usual', 'full'];

const made = (name, options, sizes) =>
	[5, 1].flatMap((timesteps) =>
		[16, 1].map((batch) => ({
			name: `${name}-T${timesteps}-b${batch}`,
			timesteps,
			batch,
			load: () => spikingNetwork({ ...options, timesteps }),
			// All timesteps of sixteen large images at once, beside the two other runs, would not fit into 24 GB.
			...(options.size > 32 && batch > 1
				? {}
				: { loadWeights: () => spikingNetwork({ ...options, timesteps, form: 'weights' }) }),
			level: sizes(timesteps, batch),
		})),
	);

const vgg = (form) => ({ architecture: vgg16(), size: 32, classes: 10, form });

const shipped = (folder) =>
	[
		['model-T5', 5],
		['model', 1],
	].flatMap(([stem, timesteps]) =>
		[16, 1].map((batch) => {
			const file = fileURLToPath(new URL(`../models/${folder}/${stem}.onnx`, import.meta.url));
			return {
				name: `${folder}-T${timesteps}-b${batch}`,
				timesteps,
				batch,
				file,
				load: () => decodeModel(readFileSync(file), file),
				level: folder === 'cifar10-vgg' ? 'quick' : 'usual',
			};
		}),
	);

/** One network written out by hand, at two batches. */
const unrolled = (name, timesteps, options, batches = [16, 1]) =>
	batches.map((batch) => ({
		name: `${name}-T${timesteps}-b${batch}`,
		timesteps,
		batch,
		load: () => spikingNetwork({ size: 32, classes: 10, form: 'unrolled', ...options, timesteps }),
		level: 'usual',
	}));

const fileOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (file) => decodeModel(readFileSync(file), file);

/** What other frameworks exported: small networks, in which calling operators is most of the time. */
const foreign = ([name, timesteps]) =>
	[16, 128].map((batch) => {
		const file = fileOf(`test/fixtures/corpus/${name}.onnx`);
		return { name: `${name.replace('/', '-')}-b${batch}`, timesteps, batch, file, load: () => read(file), level: 'usual' };
	});

/** A shipped step model over many more timesteps than it was trained for. */
const long = ([folder, timesteps, batch]) => {
	const file = fileOf(`models/${folder}/model-T5.onnx`);
	return { name: `${folder}-T${timesteps}-b${batch}`, timesteps, batch, file, load: () => read(file), level: 'usual' };
};

/** A shipped step model written out over many timesteps, as other tools' exports are. */
const written = ([folder, timesteps, batch]) => {
	const file = fileOf(`models/${folder}/model-T5.onnx`);
	return {
		name: `${folder}-unrolled-T${timesteps}-b${batch}`,
		timesteps,
		batch,
		file,
		async load() {
			const { plan, layout, parameters, metadata } = await readTrained(file);
			return onnxModel(plan, layout, parameters, { form: 'unrolled', spikeOutputs: false, timesteps, metadata });
		},
		level: 'usual',
	};
};

export const cases = [
	...made('vgg16-32', vgg('step'), (timesteps) => (timesteps === 5 ? 'quick' : 'usual')),
	...made('vgg16-32-unrolled', vgg('unrolled'), () => 'usual').filter(({ timesteps }) => timesteps === 5),
	...made('resnet20', { architecture: resnet20(), size: 32, classes: 10, form: 'step' }, () => 'usual'),
	...['cifar10-vgg', 'fashion-cnn', 'mnist-cnn'].flatMap(shipped),
	...unrolled('cifar-vgg16-spikingjelly', 4, { architecture: cifarVgg16(), neuron: 'hard-reset' }),
	...unrolled('residual-150-layers', 4, { architecture: residualChain(75), size: 8, neuron: 'hard-reset' }, [4]),
	...[
		['norse-sequential-cells/traced', 4],
		['norse-lif-box/traced', 4],
		['spikingjelly-csnn/dynamo', 4],
		['spikingjelly-if-soft/dynamo', 4],
	].flatMap(foreign),
	...[
		['fashion-cnn', 100, 16],
		['mnist-cnn', 1000, 1],
	].map(long),
	written(['fashion-cnn', 256, 1]),
	...made(
		'vgg16-224',
		{ architecture: vgg16({ classes: 1000, lastPool: true }), size: 224, classes: 1000, form: 'step' },
		(_, batch) => (batch === 1 ? 'usual' : 'full'),
	),
];
