/** What published architectures and spike rates imply: operations from layer lists, energy from the 45 nm profile. */

import { type Accounting, compareWithDense, estimate, loadProfile, type Profile } from '../../hardware/index.ts';
import { activityOfRates, layerSizes, readCases, shippedCases } from '../../hardware/validation/index.ts';
import { parseArchitecture } from '../../network/architectures.ts';

/** One published network, with the spike rates its group printed where it did. */
export interface ComputedNetwork {
	readonly name: string;
	readonly denseMacs: number;
	/** Share of the first layer's operations in all. */
	readonly firstLayerShare: number;
	readonly neurons: number;
	/** Spikes per neuron summed over timesteps, layer by layer; null where none were published. */
	readonly rates: readonly number[] | null;
	readonly timesteps: number | null;
	/** All spikes ÷ all neurons. */
	readonly networkRate: number | null;
	readonly dnnEnergyJoules: number;
	readonly energies: readonly { readonly accounting: Accounting; readonly joules: number }[];
	readonly publishedRatio: number | null;
}

const accountings: readonly Accounting[] = ['network-rate', 'layer-rate'];

/** Networks of the shipped validation cases, in the order of the cases. */
export function computedNetworks(profileName = '45nm'): ComputedNetwork[] {
	const profile = loadProfile(profileName);
	return readCases(shippedCases).flatMap(({ content }): ComputedNetwork[] => {
		if (content.kind === 'spike-rates')
			return content.networks.map((network) =>
				compute(network.name, network, network.rates, network.timesteps, network.published.ratio, profile),
			);
		if (content.kind !== 'architecture') return [];
		return content.networks
			.filter(({ published }) => published.macs !== undefined)
			.map((network) => compute(network.name, network, null, null, null, profile));
	});
}

function compute(
	name: string,
	network: { readonly architecture: string; readonly input: readonly [number, number, number]; readonly classes: number },
	rates: readonly number[] | null,
	timesteps: number | null,
	publishedRatio: number | null,
	profile: Profile,
): ComputedNetwork {
	const sizes = layerSizes(parseArchitecture(network.architecture), network);
	const denseMacs = sizes.reduce((sum, size) => sum + size.denseMacs, 0);
	const neurons = sizes.reduce((sum, size) => sum + size.neurons, 0);
	const activity = activityOfRates(name, sizes, rates ?? sizes.map(() => 0), timesteps ?? 1);
	const spikes = activity.totals.spikes / activity.run.samples;
	return {
		name,
		denseMacs,
		firstLayerShare: (sizes[0]?.denseMacs ?? 0) / denseMacs,
		neurons,
		rates,
		timesteps,
		networkRate: rates === null ? null : spikes / neurons,
		dnnEnergyJoules: compareWithDense(activity, profile)?.dnnEnergyJoules.nominal ?? 0,
		energies:
			rates === null
				? []
				: accountings.map((accounting) => ({
						accounting,
						joules: estimate(activity, profile, { accounting }).energyPerInferenceJoules.nominal,
					})),
		publishedRatio,
	};
}

/**
 * The network-wide spike rate R at which a network has a given ratio plain ÷ spiking under the group's formula,
 * ratio = E_mac ÷ (E_mac·f₁ + E_ac·(1 − f₁)·R), solved for R (Rathi and Roy 2020, result sheet).
 */
export function rateForRatio(ratio: number, firstLayerShare: number, profile: Profile): number {
	const mac = profile.constants.get('E_mac')?.value.nominal ?? Number.NaN;
	const ac = profile.constants.get('E_ac')?.value.nominal ?? Number.NaN;
	return (mac / ratio - mac * firstLayerShare) / (ac * (1 - firstLayerShare));
}
