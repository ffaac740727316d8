/** What a run will take, before it starts: parameters, operations, memory. */
import type { TrainingConfiguration } from './configuration.ts';
import { layoutOf } from './parameters.ts';
import { cacheBytes, pieceSize } from './pieces.ts';
import type { Plan } from './plan.ts';
import { denseMacs, product, synapsesOf } from './plan.ts';
import { stagesInOrder, stagesOf } from './stages.ts';

export interface StageExpectation {
	readonly stage: string;
	readonly timesteps: number;
	readonly epochs: number;
	/** Working memory of one worker, about: the images it computes at once, and the numbers it trains. */
	readonly memoryBytes: number;
	/** Multiply–accumulates of the whole stage: a forward and two backward passes an image and timestep. */
	readonly macs: number;
}

export interface Expectation {
	readonly parameters: number;
	readonly macsPerImage: number;
	readonly layers: readonly {
		readonly name: string;
		readonly shape: readonly number[];
		readonly macs: number;
		readonly weights: number;
	}[];
	readonly stages: readonly StageExpectation[];
}

const bytesPerNumber = 4;
/** Values kept of each layer output for the way back: current, membrane, output, mask or normalised value, gradients. */
const copiesKept = 6;

export function expectation(plan: Plan, configuration: TrainingConfiguration, images: number): Expectation {
	const layout = layoutOf(plan, { neuron: 'lif', normalised: configuration.spikingNormalisation });
	const macsPerImage = synapsesOf(plan).reduce((sum, layer) => sum + denseMacs(layer), 0);
	const valuesPerImage = plan.operations.reduce((sum, { outputShape }) => sum + product(outputShape), 0);
	const shard = Math.ceil(configuration.batch / configuration.shards);
	const reluLayout = layoutOf(plan, { neuron: 'relu', normalised: configuration.normalisation });
	const memoryBytes = (name: string, timesteps: number): number => {
		const atOnce = pieceSize(plan, name === 'relu' ? reluLayout : layout, timesteps, shard, cacheBytes);
		return bytesPerNumber * (copiesKept * valuesPerImage * atOnce * timesteps + 4 * layout.size);
	};
	const stage = (name: string, timesteps: number, epochs: number): StageExpectation => ({
		stage: name,
		timesteps,
		epochs,
		memoryBytes: memoryBytes(name, timesteps),
		macs: 3 * macsPerImage * timesteps * epochs * images,
	});
	const stages = stagesInOrder(stagesOf(configuration)).map(({ name, timesteps, epochs }) => stage(name, timesteps, epochs));
	return {
		parameters: layout.size,
		macsPerImage,
		layers: synapsesOf(plan).map((layer) => ({
			name: layer.name,
			shape: layer.outputShape,
			macs: denseMacs(layer),
			weights: layout.entries
				.filter((entry) => entry.layer === layer.name && entry.role === 'weight')
				.reduce((sum, { size }) => sum + size, 0),
		})),
		stages,
	};
}
