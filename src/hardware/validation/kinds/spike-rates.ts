import type { Activity } from '../../../activity/activity.ts';
import { UserError } from '../../../errors.ts';
import { parseArchitecture } from '../../../network/architectures.ts';
import { denseEnergyJoules } from '../../dense.ts';
import { estimate } from '../../price.ts';
import { loadProfile } from '../../profile/load.ts';
import type { Profile } from '../../profile/types.ts';
import { type LayerSize, layerSizes, totalMacs } from '../architecture-sizes.ts';
import type { SpikeRatesCase } from '../case.ts';
import * as messages from '../messages.ts';
import type { Comparison } from '../result.ts';
import { activityOfRates } from '../synthetic-activity.ts';

type Network = SpikeRatesCase['networks'][number];

/**
 * Recomputes a published table of spike rates and energy ratios from layer lists and per-layer rates.
 *
 * For each network: the network's spike rate R (all spikes ÷ all neurons); the printed ratio from the two-digit
 * numbers the table itself was made from, E_mac ÷ (E_mac·f₁ + E_ac·(1 − f₁)·R); the ratio our accounting gives with
 * the group's total of operations and, where that total is wrong, with the right one, which is shown and not judged.
 */
export function compareSpikeRates(content: SpikeRatesCase, path: string): readonly Comparison[] {
	const profile = loadProfile(content.profile);
	return content.networks.flatMap((network) => compareNetwork(network, profile, content.tolerance, path));
}

function compareNetwork(network: Network, profile: Profile, tolerance: number, path: string): Comparison[] {
	const { name, published, rates, timesteps, slip } = network;
	const architecture = parseArchitecture(network.architecture);
	const sizes = layerSizes(architecture, network);
	const layers = sizes.filter(({ neurons }) => neurons > 0).length;
	if (layers !== rates.length) throw new UserError(messages.wrongRateCount(path, name, rates.length, layers));
	const activity = activityOfRates(name, sizes, rates, timesteps);
	const rate = networkRate(activity);
	const row = (
		quantity: string,
		ours: number,
		theirs: number | null,
		allowed: number | null,
		note: string | null = null,
	): Comparison => ({
		subject: name,
		quantity,
		unit: '',
		ours,
		theirs,
		tolerance: allowed,
		note,
	});
	const rows = [
		// R and the rates it comes from are printed with two decimals: half a unit of the last one each.
		row('spikes per neuron R', rate, published.rate, 2 * roundingOf(published.rate)),
		row(
			'ratio from the printed inputs',
			ratioOf(profile, published.firstLayerShare, published.rate),
			published.ratio,
			roundingOf(published.ratio),
		),
		...(network.rows ?? []).map((other) =>
			row(`ratio, ${other.name}`, ratioOf(profile, published.firstLayerShare, other.rate), other.ratio, roundingOf(other.ratio)),
		),
	];
	if (slip === undefined) {
		rows.push(row('ratio from layers and rates', ratioOfActivity(activity, profile), published.ratio, tolerance));
		return rows;
	}
	const asTheyCounted = theirTotal(network, architecture, sizes);
	const correct = totalMacs(sizes);
	rows.push(
		row(
			'ratio, their total of operations',
			ratioOf(profile, asTheyCounted.first / asTheyCounted.total, rate),
			published.ratio,
			tolerance,
			`${slip.reason} Their total is ${asTheyCounted.total.toLocaleString('en')} MACs, the architecture has ${correct.toLocaleString('en')}.`,
		),
		row('ratio, the right total', ratioOfActivity(activity, profile), published.ratio, null, slip.reason),
	);
	return rows;
}

/** All spikes divided by all neurons. */
function networkRate(activity: Activity): number {
	const layers = activity.layers.filter((layer) => layer.kind === 'neuron');
	const spikes = layers.reduce((sum, { totals }) => sum + totals.spikes, 0);
	return spikes / (activity.run.samples * layers.reduce((sum, { neurons }) => sum + neurons, 0));
}

/** Plain network ÷ spiking network, by the tool's own accounting and pricing. */
function ratioOfActivity(activity: Activity, profile: Profile): number {
	return (
		denseEnergyJoules(activity, profile) /
		estimate(activity, profile, { accounting: 'network-rate' }).energyPerInferenceJoules.nominal
	);
}

function ratioOf(profile: Profile, firstLayerShare: number, rate: number): number {
	const mac = profile.constants.get('E_mac')?.value.nominal ?? Number.NaN;
	const ac = profile.constants.get('E_ac')?.value.nominal ?? Number.NaN;
	return mac / (mac * firstLayerShare + ac * (1 - firstLayerShare) * rate);
}

/** The operations as the published table counted them. */
function theirTotal(network: Network, architecture: Parameters<typeof layerSizes>[0], sizes: readonly LayerSize[]) {
	const { slip } = network;
	if (slip?.macs !== undefined) return { total: slip.macs, first: sizes[0]?.denseMacs ?? 0 };
	const slipped = layerSizes(architecture, {
		...network,
		input: slip?.input ?? network.input,
		firstDenseInputs: slip?.firstDenseInputs,
	});
	return { total: totalMacs(slipped), first: slipped[0]?.denseMacs ?? 0 };
}

/** Relative size of half a unit of the second decimal. */
function roundingOf(value: number): number {
	return 0.005 / Math.abs(value);
}
