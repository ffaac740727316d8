import type { TrainingConfiguration } from '../../src/training/configuration.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { stagesInOrder, stagesOf } from '../../src/training/stages.ts';

const spiking = { ...defaultConfiguration.spiking, cutout: 8, learningRate: 0.01, rateSchedule: 'step' } as const;
const outlines = (settings: Partial<TrainingConfiguration>) =>
	stagesInOrder(stagesOf({ ...defaultConfiguration, spiking, ...settings }));

test('the stages stand in the order they are trained in, the control behind them with as many image passes', () => {
	const stages = outlines({ schedule: [5, 2, 1], spikingEpochs: [0.5, 2], control: true });
	expect(stages.map(({ name, timesteps, epochs, control }) => [name, timesteps, epochs, control])).toEqual([
		['relu', 1, 10, false],
		['T5', 5, 0.5, false],
		['T2', 2, 2, false],
		['T1', 1, 2, false],
		['control-T1', 1, 4.5, true],
	]);
});

test('refinement goes on behind the last stage and the control alike, without cutout and at a tenth of the rate', () => {
	const stages = outlines({ schedule: [2, 1], control: true, refineEpochs: 3 });
	expect(stages.map(({ name }) => name)).toEqual(['relu', 'T2', 'T1', 'T1-refined', 'control-T1', 'control-T1-refined']);
	const refined = stages.filter(({ name }) => name.endsWith('refined'));
	for (const { timesteps, epochs, settings } of refined) {
		expect([timesteps, epochs]).toEqual([1, 3]);
		expect(settings).toEqual({ ...spiking, cutout: 0, learningRate: 0.001, rateSchedule: 'cosine' });
	}
	expect(refined.map(({ control }) => control)).toEqual([false, true]);
	expect(new Set(stages.map(({ number }) => number)).size).toBe(stages.length);
});
