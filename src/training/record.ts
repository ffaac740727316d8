/** training.json: the whole story of a run. */
import { cpus } from 'node:os';
import { tool } from '../version.ts';
import type { TrainingConfiguration } from './configuration.ts';
import type { Evaluation } from './evaluation.ts';
import { parameterValues } from './parameters.ts';
import type { TrainedNetwork } from './pipeline.ts';
import type { Plan } from './plan.ts';
import { neuronsOf } from './plan.ts';
import type { EpochRecord } from './stage.ts';

export interface StageRecord {
	readonly stage: string;
	readonly timesteps: number;
	readonly evaluation: Evaluation | null;
	readonly thresholds: readonly number[];
	readonly leaks: readonly number[];
	readonly epochs: readonly EpochRecord[];
}

export interface TrainingRecord {
	readonly schema: 'snn-energy/training@1';
	readonly version: string;
	readonly command: string;
	readonly configuration: TrainingConfiguration;
	readonly engine: string;
	readonly machine: string;
	readonly parameters: number;
	readonly trainImages: number;
	readonly trainSha256: string;
	readonly testSha256: string;
	/** Images in samples.npz. */
	readonly samples: number;
	readonly stages: readonly StageRecord[];
}

export interface RecordInput {
	readonly command: string;
	readonly configuration: TrainingConfiguration;
	readonly engine: string;
	readonly plan: Plan;
	readonly networks: readonly TrainedNetwork[];
	readonly train: { readonly count: number; readonly sha256: string };
	readonly test: { readonly sha256: string };
	readonly samples: number;
}

export function trainingRecord(input: RecordInput): TrainingRecord {
	const { plan, networks } = input;
	const processors = cpus();
	return {
		schema: 'snn-energy/training@1',
		version: tool.version,
		command: input.command,
		configuration: input.configuration,
		engine: input.engine,
		machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
		parameters: networks.at(-1)?.parameters.length ?? 0,
		trainImages: input.train.count,
		trainSha256: input.train.sha256,
		testSha256: input.test.sha256,
		samples: input.samples,
		stages: networks.map(({ stage, timesteps, evaluation, history, layout, parameters }) => {
			const each = (role: 'threshold' | 'leak'): number[] =>
				layout.mode.neuron === 'lif'
					? neuronsOf(plan).map(({ name }) => parameterValues(layout, parameters, name, role)[0] ?? 0)
					: [];
			return { stage, timesteps, evaluation, thresholds: each('threshold'), leaks: each('leak'), epochs: history };
		}),
	};
}
