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
		const analysis = priceActivity(activity, { profiles: [profile] });
		const joules = analysis.estimates[0]?.energyPerInferenceJoules.nominal ?? Number.NaN;
		const { acs, macs, spikes } = activity.totals;
		rows.push(
			`| \`${file}\` | ${(spikes / samples).toFixed(0)} | ${(acs / samples).toFixed(0)} | ${(macs / samples).toFixed(0)} | ${(joules * 1e6).toFixed(3)} |`,
		);
	}
	return [
		'## Energy',
		'',
		`Per inference, counted by \`snn-energy analyze\` on samples.npz and priced by the profile ${profile} (arithmetic only; the columns skip zero inputs, the energy of \`relu.onnx\` charges every multiply–accumulate as dense hardware does):`,
		'',
		'| file | spikes | accumulates | multiply–accumulates | energy (µJ) |',
		'| --- | --- | --- | --- | --- |',
		...rows,
	].join('\n');
}
