/** Operations, energy and spike rates by layer: published, computed from published figures, and measured. */

import type { NeuronLayerActivity } from '../../activity/activity.ts';
import { compareWithDense, estimate, loadProfile, type Profile } from '../../hardware/index.ts';
import { activityOf } from '../analysis.ts';
import { denseMacsPerPass, networkActivity, spikesPerNeuron } from '../quantities.ts';
import type { Cell, Row, Table } from '../table.ts';
import { type ComputedNetwork, rateForRatio } from './computed.ts';
import { groups } from './groups.ts';
import { dataName, type MeasuredRun, runName } from './measured.ts';
import { publishedEnergies } from './published.ts';

const tableProfile = '45nm';

/** The abstract's range, and the network its authors' own numbers fit best. */
const rangeOfRatios = [25, 33] as const;
const rangeNetwork = 'VGG16, CIFAR-10';

/** Operations and energy per inference under the papers' 45 nm arithmetic prices. */
export function energyTable(computed: readonly ComputedNetwork[], runs: readonly MeasuredRun[]): Table {
	const profile = loadProfile(tableProfile);
	return {
		id: 'operations-energy',
		caption: 'Operations and energy per inference at 45 nm, arithmetic only: 4.6 pJ a MAC, 0.9 pJ an accumulate.',
		note: 'Dense MACs: one pass; spikes per neuron: all spikes ÷ all neurons, summed over timesteps; ratio: DNN ÷ SNN. Exact counts charge what average pooling makes of spikes (quarters, halves) as MACs; the rate formulas charge every spike as one accumulate a connection.',
		columns: [
			{ key: 'network', title: 'network', quantity: 'text' },
			{ key: 'timesteps', title: 'T', quantity: 'count' },
			{ key: 'denseMacs', title: 'dense MACs', quantity: 'count' },
			{ key: 'firstLayerShare', title: 'first layer', quantity: 'percent' },
			{ key: 'spikesPerNeuron', title: 'spikes/neuron', quantity: 'number' },
			{ key: 'dnnEnergyJoules', title: 'DNN', quantity: 'joules' },
			{ key: 'snnEnergyJoules', title: 'SNN', quantity: 'joules' },
			{ key: 'ratio', title: 'ratio', quantity: 'ratio' },
			{ key: 'counted', title: 'counted by', quantity: 'text' },
		],
		rows: [
			...publishedEnergies.map(publishedRow),
			...computed.flatMap(computedRows),
			...impliedRows(computed, profile),
			...runs.flatMap((run) => measuredRows(run, profile)),
		],
	};
}

function publishedRow({
	method,
	network,
	dataset,
	timesteps,
	energyJoules,
	ratio,
	source,
}: (typeof publishedEnergies)[number]): Row {
	const name = [method, network === 'not stated' ? null : network, dataset].filter((part) => part !== null).join(', ');
	const [plain, spiking] = timesteps === null ? [energyJoules, null] : [null, energyJoules];
	return { group: groups.published, cells: [name, timesteps, null, null, null, plain, spiking, ratio, source] };
}

function computedRows(network: ComputedNetwork): Row[] {
	const { timesteps, denseMacs, firstLayerShare, networkRate, dnnEnergyJoules, energies, publishedRatio } = network;
	const name = network.name.replace(/, T=\d+$/, '');
	const start: Cell[] = [name, timesteps, denseMacs, firstLayerShare, networkRate, dnnEnergyJoules];
	if (energies.length === 0) return [{ group: groups.computed, cells: [...start, null, null, 'layer list'] }];
	return energies.map(({ accounting, joules }) => {
		const printed = accounting === 'network-rate' && publishedRatio !== null ? ` (their table: ${publishedRatio})` : '';
		return { group: groups.computed, cells: [...start, joules, dnnEnergyJoules / joules, `${accounting}${printed}`] };
	});
}

/** The spike rate that gives the ratios of the IIR-SNN abstract under the group's formula. */
function impliedRows(computed: readonly ComputedNetwork[], profile: Profile): Row[] {
	const network = computed.find(({ name, rates }) => name === rangeNetwork && rates === null);
	if (network === undefined) return [];
	return rangeOfRatios.map((ratio) => ({
		group: groups.computed,
		cells: [
			`${rangeNetwork}, at the abstract's ${ratio}×`,
			1,
			network.denseMacs,
			network.firstLayerShare,
			rateForRatio(ratio, network.firstLayerShare, profile),
			network.dnnEnergyJoules,
			network.dnnEnergyJoules / ratio,
			ratio,
			'network-rate, solved for the rate',
		],
	}));
}

function measuredRows(run: MeasuredRun, profile: Profile): Row[] {
	const activity = activityOf(run.analysis);
	const { spiking, spikesPerNeuron: rate } = networkActivity(run.analysis);
	const denseMacs = denseMacsPerPass(activity.layers);
	const first = activity.layers.find((layer) => layer.kind === 'synaptic');
	const share = first?.kind === 'synaptic' ? first.geometry.denseMacs / denseMacs : null;
	const plain = compareWithDense(activity, profile)?.dnnEnergyJoules.nominal ?? null;
	const start: Cell[] = [runName(run), run.analysis.run.timesteps, denseMacs, share, rate, plain];
	if (!spiking) return [{ group: groups.measured, cells: [...start, null, null, 'layers'] }];
	return (['exact', 'network-rate'] as const).map((accounting) => {
		const joules = estimate(activity, profile, { accounting }).energyPerInferenceJoules.nominal;
		return {
			group: groups.measured,
			cells: [...start, joules, plain === null || joules === 0 ? null : plain / joules, accounting],
		};
	});
}

/** Spikes per neuron, layer by layer, summed over timesteps. */
export function spikeRateTable(computed: readonly ComputedNetwork[], runs: readonly MeasuredRun[]): Table {
	const rows: { group: string; name: string; timesteps: number; all: number | null; rates: readonly (number | null)[] }[] = [];
	for (const { name, rates, timesteps, networkRate } of computed) {
		if (rates === null || timesteps === null) continue;
		rows.push({ group: groups.published, name: name.replace(/, T=\d+$/, ''), timesteps, all: networkRate, rates });
	}
	for (const run of runs) {
		const { analysis } = run;
		const { spiking, spikesPerNeuron: all } = networkActivity(analysis);
		if (!spiking) continue;
		const layers = analysis.layers.filter((layer): layer is NeuronLayerActivity => layer.kind === 'neuron' && layer.spiking);
		const name = `${runName(run)} (${dataName(analysis)})`;
		const rates = layers.map((layer) => spikesPerNeuron(layer, analysis.run));
		rows.push({ group: groups.measured, name, timesteps: analysis.run.timesteps, all, rates });
	}
	const most = Math.max(0, ...rows.map(({ rates }) => rates.length));
	return {
		id: 'spike-rates',
		caption: 'Spikes per neuron by layer, summed over timesteps.',
		note: `All: all spikes ÷ all neurons, computed.${computed.length > 0 ? ' Published rates: DIET-SNN sheet.' : ''}`,
		columns: [
			{ key: 'network', title: 'network', quantity: 'text' },
			{ key: 'timesteps', title: 'T', quantity: 'count' },
			{ key: 'all', title: 'all', quantity: 'hundredths' },
			...Array.from(
				{ length: most },
				(_, index) => ({ key: `layer${index + 1}`, title: `${index + 1}`, quantity: 'hundredths' }) as const,
			),
		],
		rows: rows.map(({ group, name, timesteps, all, rates }) => ({
			group,
			cells: [name, timesteps, all, ...Array.from({ length: most }, (_, index) => rates[index] ?? null)],
		})),
	};
}
