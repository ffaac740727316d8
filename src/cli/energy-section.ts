import { join } from 'node:path';
import type { TrainingConfiguration, TrainingRecord } from '../training/index.ts';

/** pJ of one multiply–accumulate and one accumulate come from this profile. */
const profile = '45nm';

/**
 * A card's section about energy: each network of a run, counted and priced on the samples beside it.
 */
export async function energySection(
	folder: string,
	configuration: TrainingConfiguration,
	record: TrainingRecord,
): Promise<string> {
	const { countEvents, loadNetwork, priceActivity } = await import('../pipeline.ts');
	const last = `T${configuration.schedule.at(-1) ?? 1}`;
	const rows: string[] = [];
	for (const { stage } of record.stages) {
		const file = stage === last ? 'model.onnx' : stage.startsWith('T') ? `model-${stage}.onnx` : `${stage}.onnx`;
		const network = await loadNetwork(join(folder, file));
		const activity = await countEvents(network);
		const { samples } = activity.run;
		const analysis = priceActivity(activity, { profiles: [profile], accountings: ['exact', 'network-rate'] });
		const [exact, rate] = analysis.estimates.map(({ energyPerInferenceJoules }) => energyPerInferenceJoules.nominal) as [
			number,
			number,
		];
		const dense = analysis.comparison?.profiles[0]?.dnnEnergyJoules.nominal ?? Number.NaN;
		const paper = spiking(activity.totals.spikes) ? `${(rate * 1e6).toFixed(3)} | ${(dense / rate).toFixed(1)}` : '– | –';
		const { acs, macs, spikes } = activity.totals;
		rows.push(
			`| \`${file}\` | ${(spikes / samples).toFixed(0)} | ${(acs / samples).toFixed(0)} | ${(macs / samples).toFixed(0)} | ${(exact * 1e6).toFixed(3)} | ${(dense / exact).toFixed(1)} | ${paper} |`,
		);
	}
	return [
		'## Energy',
		'',
		`Per inference, counted by \`snn-energy analyze\` on samples.npz and priced by the profile ${profile} (arithmetic only). Exact: spikes are accumulates, average-pooled spikes (quarters) multiply–accumulates. The paper's formula has every operation behind the first layer an accumulate, at one firing rate for the whole network (\`--accounting network-rate\`). DNN is the same network computed densely:`,
		'',
		'| file | spikes | accumulates | multiply–accumulates | exact (µJ) | DNN ÷ exact | paper’s formula (µJ) | DNN ÷ paper’s |',
		'| --- | --- | --- | --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}

const spiking = (spikes: number): boolean => spikes > 0;
