/** A trained network, whatever file it lies in: what `export` converts between. */
import type { LabelledImages } from '../../formats/datasets/index.ts';
import { firstNotANumber } from '../health.ts';
import * as messages from '../messages.ts';
import type { Layout } from '../parameters.ts';
import type { Plan } from '../plan.ts';

export interface TrainedModel {
	readonly plan: Plan;
	/** Without batch normalisation. */
	readonly layout: Layout;
	readonly parameters: Float32Array;
	/** 1 for a plain net. */
	readonly timesteps: number;
	/** Strings that travel with the model: `snn.dataset`, `snn.normalisation`, `snn.classes`, … */
	readonly metadata: Readonly<Record<string, string>>;
}

/** What a model should say about the data it was trained on. */
export function datasetMetadata(set: LabelledImages): Record<string, string> {
	return {
		'snn.dataset': set.name,
		'snn.normalisation': JSON.stringify(set.normalisation),
		'snn.classes': JSON.stringify(set.classNames),
	};
}

/** @throws UserError when a parameter of a model read from a file is no finite number */
export function requireNumbers(layout: Layout, parameters: Float32Array, path: string): void {
	const broken = firstNotANumber(layout, parameters);
	if (broken) throw messages.notOurModel(path, `${broken} holds values that are not finite numbers`);
}
