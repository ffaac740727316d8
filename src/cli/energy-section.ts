import { join } from 'node:path';
import type { Pooling } from '../network/architectures.ts';
import type { Plan, TrainingRecord } from '../training/index.ts';

/** pJ of one multiply–accumulate and one accumulate come from this profile. */
const profile = '45nm';
/** What the paper's abstract gives for its networks at T = 1 (arXiv:2110.05929). */
const published = { low: 25, high: 33 } as const;
/** Share of the first layer in VGG16's operations on 32x32 pictures, with which its ratios say how often its neurons fire. */
const publishedFirstShare = 1_769_472 / 338_403_328;

interface Priced {
	readonly file: string;
	readonly stage: string;
	/** Per inference. */
	readonly spikes: number;
	readonly acs: number;
	readonly macs: number;
	readonly exactJoules: number;
	readonly paperJoules: number;
	readonly denseJoules: number;
}

async function price(folder: string, file: string, stage: string): Promise<Priced> {
	const { countEvents, loadNetwork, priceActivity } = await import('../pipeline.ts');
	const activity = await countEvents(await loadNetwork(join(folder, file)));
	const { samples } = activity.run;
	const analysis = priceActivity(activity, { profiles: [profile], accountings: ['exact', 'network-rate'] });
	const [exactJoules = Number.NaN, paperJoules = Number.NaN] = analysis.estimates.map(
		({ energyPerInferenceJoules }) => energyPerInferenceJoules.nominal,
	);
	const denseJoules = analysis.comparison?.profiles[0]?.dnnEnergyJoules.nominal ?? Number.NaN;
	const { acs, macs, spikes } = activity.totals;
	return {
		file,
		stage,
		spikes: spikes / samples,
		acs: acs / samples,
		macs: macs / samples,
		exactJoules,
		paperJoules,
		denseJoules,
	};
}

/** What the exact accounting charges, by how a network pools. */
const exactWords: Readonly<Record<Pooling, string>> = {
	average: 'spikes are accumulates, average-pooled spikes (quarters) multiply–accumulates',
	max: 'spikes are accumulates, max-pooled ones too; only the first layer, which reads the image, multiplies',
	current: 'spikes are accumulates; only the first layer, which reads the image, multiplies',
};

const micro = (joules: number): string => (joules * 1e6).toFixed(3);

/**
 * A card's section about energy: each network of a run, counted and priced on the samples beside it, and its ratio under
 * the paper's formula beside the paper's.
 *
 * @param absent  files of stages that are not kept in the folder
 */
export async function energySection(
	folder: string,
	plan: Plan,
	record: TrainingRecord,
	absent: readonly string[] = [],
): Promise<string> {
	const { fileOfStage, firstLayerShare, neuronCount } = await import('../training/index.ts');
	const last = `T${record.configuration.schedule.at(-1) ?? 1}`;
	const priced: Priced[] = [];
	for (const { stage } of record.stages) {
		const file = fileOfStage(stage, last);
		if (!absent.includes(file)) priced.push(await price(folder, file, stage));
	}
	const neurons = neuronCount(plan);
	const rows = priced.map(({ file, stage, spikes, acs, macs, exactJoules, paperJoules, denseJoules }) => {
		const paper =
			stage === 'relu'
				? '– | – | –'
				: `${(spikes / neurons).toFixed(3)} | ${micro(paperJoules)} | ${(denseJoules / paperJoules).toFixed(1)}`;
		return `| \`${file}\` | ${spikes.toFixed(0)} | ${acs.toFixed(0)} | ${macs.toFixed(0)} | ${micro(exactJoules)} | ${(denseJoules / exactJoules).toFixed(1)} | ${paper} |`;
	});
	const final = priced.find(({ stage }) => stage === last);
	return [
		'## Energy',
		'',
		`Per inference, counted by \`snn-energy analyze\` on samples.npz and priced by the profile ${profile} (arithmetic only). Exact: ${exactWords[record.configuration.pooling]}. The paper's formula has every operation behind the first layer an accumulate, at one firing rate R for the whole network (\`--accounting network-rate\`); R is spikes per neuron and inference. DNN is the same network computed densely:`,
		'',
		'| file | spikes | accumulates | multiply–accumulates | exact (µJ) | DNN ÷ exact | R | paper’s formula (µJ) | DNN ÷ paper’s |',
		'| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		...rows,
		...(final ? ['', besideThePaper(final, firstLayerShare(plan), neurons)] : []),
	].join('\n');
}

/** 4.6 pJ a multiply–accumulate and 0.9 pJ an accumulate, as the paper takes them. */
const [macPicojoules, acPicojoules] = [4.6, 0.9];

/** The paper's formula: DNN energy ÷ SNN energy for a first layer's share of operations and a firing rate. */
export const paperRatio = (firstShare: number, rate: number): number =>
	macPicojoules / (macPicojoules * firstShare + acPicojoules * (1 - firstShare) * rate);

/** The firing rate at which the paper's formula gives a ratio. */
export const rateForRatio = (firstShare: number, ratio: number): number =>
	(macPicojoules / ratio - macPicojoules * firstShare) / (acPicojoules * (1 - firstShare));

function besideThePaper({ spikes, denseJoules, paperJoules }: Priced, firstShare: number, neurons: number): string {
	const ratio = denseJoules / paperJoules;
	const rate = spikes / neurons;
	const [highRate, lowRate] = [published.low, published.high].map((value) => rateForRatio(publishedFirstShare, value)) as [
		number,
		number,
	];
	const [atHigh, atLow] = [paperRatio(firstShare, highRate), paperRatio(firstShare, lowRate)];
	return [
		`Beside the paper: it gives ${published.low}–${published.high} for its networks at T = 1, this network reaches ${ratio.toFixed(1)}.`,
		`Under its formula, 4.6 ÷ (4.6·f + 0.9·(1 − f)·R), two numbers decide: the first layer's share f of the operations, and R.`,
		`VGG16 on CIFAR-10 has f = ${publishedFirstShare.toFixed(4)}, so its ratios mean R = ${lowRate.toFixed(2)} to ${highRate.toFixed(2)}.`,
		`This network has f = ${firstShare.toFixed(4)}, which alone caps the ratio at ${(1 / firstShare).toFixed(0)}, and R = ${rate.toFixed(3)};`,
		`with the paper's firing rates it would reach ${atHigh.toFixed(1)} to ${atLow.toFixed(1)}.`,
	].join(' ');
}
