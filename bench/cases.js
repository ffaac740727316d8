import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeModel } from '../dist/formats/onnx/index.js';
import { resnet20, spikingNetwork, vgg16 } from './spiking-network.js';

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

export const cases = [
	...made('vgg16-32', vgg('step'), (timesteps) => (timesteps === 5 ? 'quick' : 'usual')),
	...made('vgg16-32-unrolled', vgg('unrolled'), () => 'usual').filter(({ timesteps }) => timesteps === 5),
	...made('resnet20', { architecture: resnet20(), size: 32, classes: 10, form: 'step' }, () => 'usual'),
	...['cifar10-vgg', 'fashion-cnn', 'mnist-cnn'].flatMap(shipped),
	...made(
		'vgg16-224',
		{ architecture: vgg16({ classes: 1000, lastPool: true }), size: 224, classes: 1000, form: 'step' },
		(_, batch) => (batch === 1 ? 'usual' : 'full'),
	),
];
