/** The stages of a run as data: which there are, in order, how long and how each is trained. */
import type { StageSettings, TrainingConfiguration } from './configuration.ts';

export interface StageOutline {
	/** "relu", "T5", …, "T1", "T1-refined", "control-T1", "control-T1-refined" */
	readonly name: string;
	/** Names the stage's random streams. */
	readonly number: number;
	readonly timesteps: number;
	/** May be a fraction: the last epoch then sees only part of the set. */
	readonly epochs: number;
	readonly settings: StageSettings;
	/** The control is trained to its end even where it learns nothing: that is what it is there to show. */
	readonly control: boolean;
}

/** The stages of a run, in groups that each lead to one network: its training and, where asked for, its refinement. */
export interface StagePlan {
	readonly relu: StageOutline;
	/** In the order of the schedule. */
	readonly spiking: readonly (readonly StageOutline[])[];
	/** Empty if there is none. */
	readonly control: readonly StageOutline[];
}

/** The numbers that name the stages' random streams; refinement adds to that of the stage it refines. */
const numbers = { relu: 10, spiking: 20, control: 40, refined: 1000 } as const;

/** Refinement goes on at this share of the stage's learning rate. */
const refinementRate = 0.1;

/** The epochs of each spiking stage; a list that is too short repeats its last number. */
export const epochsOf = (configuration: TrainingConfiguration, index: number): number =>
	configuration.spikingEpochs[index] ?? configuration.spikingEpochs.at(-1) ?? 1;

/** The control's epochs before its refinement: as many image passes as all spiking stages together. */
export const controlEpochs = (configuration: TrainingConfiguration): number =>
	configuration.schedule.reduce((sum, _, index) => sum + epochsOf(configuration, index), 0);

/** Goes on with images as they are but for crop and flip, at a tenth of the rate (He et al. 2019, arXiv:1909.09148). */
function withRefinement(stage: StageOutline, { refineEpochs }: TrainingConfiguration): StageOutline[] {
	if (!(refineEpochs > 0)) return [stage];
	const { name, number, settings } = stage;
	const learningRate = settings.learningRate * refinementRate;
	return [
		stage,
		{
			...stage,
			name: `${name}-refined`,
			number: number + numbers.refined,
			epochs: refineEpochs,
			settings: { ...settings, cutout: 0, learningRate, rateSchedule: 'cosine' },
		},
	];
}

export function stagesOf(configuration: TrainingConfiguration): StagePlan {
	const { schedule, relu, spiking: settings, reluEpochs } = configuration;
	const last = schedule.at(-1) ?? 1;
	const spiking = schedule.map((timesteps, index) => {
		const number = numbers.spiking + index;
		const stage = { name: `T${timesteps}`, number, timesteps, epochs: epochsOf(configuration, index), settings, control: false };
		return index === schedule.length - 1 ? withRefinement(stage, configuration) : [stage];
	});
	const control = {
		name: `control-T${last}`,
		number: numbers.control,
		timesteps: last,
		epochs: controlEpochs(configuration),
		settings,
		control: true,
	};
	return {
		relu: { name: 'relu', number: numbers.relu, timesteps: 1, epochs: reluEpochs, settings: relu, control: false },
		spiking,
		control: configuration.control ? withRefinement(control, configuration) : [],
	};
}

/** All of them in the order they are trained in. */
export const stagesInOrder = ({ relu, spiking, control }: StagePlan): readonly StageOutline[] => [
	relu,
	...spiking.flat(),
	...control,
];
