/** Trains a converted network through fewer and fewer timesteps, each stage started from the one before. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelledImages } from '../formats/datasets/index.ts';
import type { TrainingConfiguration } from './configuration.ts';
import { evaluate } from './evaluation.ts';
import type { Layout } from './parameters.ts';
import { type PipelineEvents, stageStart } from './pipeline.ts';
import type { Plan } from './plan.ts';
import type { GradientSource } from './source.ts';
import { type NetworkState, trainStage } from './stage.ts';
import { stagesOf } from './stages.ts';

export interface RetrainRequest {
	readonly plan: Plan;
	/** A spiking layout without batch normalisation, and the converted network's numbers in it. */
	readonly layout: Layout;
	readonly parameters: Float32Array;
	readonly configuration: TrainingConfiguration;
	readonly train: LabelledImages;
	readonly test: LabelledImages;
	/** Only the first test images measure an epoch; all of them unless told. */
	readonly testSamples?: number | undefined;
}

/** A network at the end of a stage. */
export interface RetrainedStage {
	readonly timesteps: number;
	readonly parameters: Float32Array;
	/** On the test images. */
	readonly accuracy: number;
}

/** Timesteps of the stages from the published start, 5, down to the asked number. */
export const stagesDownTo = (timesteps: number): number[] =>
	timesteps >= 5 ? [timesteps] : Array.from({ length: 6 - timesteps }, (_, at) => 5 - at);

/**
 * Runs the spiking stages of `configuration.schedule` on a network that is converted already. Checkpoints lie in a temporary folder
 * that is removed.
 *
 * @throws Interrupted when `stopped` turned true
 * @throws UserError when nothing is learned
 */
export async function retrain(
	request: RetrainRequest,
	source: GradientSource,
	events: PipelineEvents,
): Promise<RetrainedStage[]> {
	const { plan, layout, configuration, train, test } = request;
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-convert-'));
	const stages: RetrainedStage[] = [];
	try {
		let state: NetworkState = { parameters: request.parameters, statistics: new Float32Array(0) };
		for (const [at, stage] of stagesOf(configuration).spiking.flat().entries()) {
			const { timesteps } = stage;
			const result = await trainStage(
				{
					plan,
					configuration,
					configurationHash: '',
					train,
					source,
					checkpoint: join(folder, `T${timesteps}.ckpt`),
					resume: false,
					...events,
					evaluate: (current) =>
						evaluate(plan, layout, current.parameters, test, {
							timesteps,
							stopped: events.stopped,
							...(request.testSamples === undefined ? {} : { limit: request.testSamples }),
						}),
				},
				{ ...stage, layout },
				stageStart(plan, layout, state, configuration, at),
			);
			state = result.state;
			const { correct, total } = result.evaluation;
			stages.push({ timesteps, parameters: state.parameters.slice(), accuracy: correct / total });
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
	return stages;
}
