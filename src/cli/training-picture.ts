import type { LayerRate, TrainingEpoch } from '../reporting/charts/training-curves.ts';
import type { Plan, TrainingRecord } from '../training/index.ts';

/** Width in CSS pixels: as wide as a page shows a card. */
const width = 760;

const pathOf = (stage: string): string => {
	if (stage === 'relu') return 'ReLU net';
	return stage.startsWith('control') ? 'direct (control)' : 'staged';
};

/** The training curves of a run as SVG: accuracy by image passes, and firing rates by layer at the end of each stage. */
export async function trainingPicture(name: string, plan: Plan, record: TrainingRecord): Promise<string> {
	const { trainingCurvesChart } = await import('../reporting/charts/training-curves.ts');
	const { drawSvg } = await import('../reporting/charts/draw.ts');
	const { paperTheme } = await import('../reporting/charts/theme.ts');
	const { describeStage, firingRates, neuronsOf } = await import('../training/index.ts');
	const passes = new Map<string, number>();
	const epochs: TrainingEpoch[] = [];
	for (const { stage, timesteps, epochs: history } of record.stages) {
		const path = pathOf(stage);
		// Both spiking paths start where the ReLU net ended.
		let at = passes.get(path) ?? passes.get('ReLU net') ?? 0;
		for (const { images, imagesPerSecond, seconds, trainAccuracy, testAccuracy, validationAccuracy } of history) {
			at += (images ?? imagesPerSecond * seconds) / record.trainImages;
			const accuracy = validationAccuracy ?? testAccuracy;
			if (accuracy !== null) epochs.push({ stage: describeStage(stage, timesteps), path, passes: at, trainAccuracy, accuracy });
		}
		passes.set(path, at);
	}
	const layers = neuronsOf(plan).map(({ name }) => name);
	const rates = record.stages.flatMap(({ stage, timesteps, evaluation }): LayerRate[] => {
		if (stage === 'relu' || !evaluation) return [];
		const measured = firingRates(plan, evaluation, timesteps);
		const name = `T = ${timesteps}${stage.startsWith('control') ? ' direct' : ''}`;
		return layers.map((layer, index) => ({ stage: name, layer, rate: measured[index] ?? 0 }));
	});
	const measuredOn = record.configuration.validation > 0 ? 'validation' : 'test';
	return drawSvg(trainingCurvesChart(name, epochs, rates, measuredOn), { width, theme: paperTheme });
}
