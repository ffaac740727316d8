/** The band over dataflows beside a figure: what memory makes of it when only the order of computing changes. */

import type { DataflowStudy } from '../hardware/dataflow-study.ts';
import type { Estimate } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import { formatCount, formatQuantity, formatSignificant, prefixOf, underPrefix } from './numbers.ts';
import { networkActivity } from './quantities.ts';
import type { Fact, Table } from './table.ts';

/** The band that belongs to an estimate of exact counts; null where there is none. */
export function bandFor(analysis: Analysis, { profile, accounting }: Estimate): DataflowStudy | null {
	if (accounting !== 'exact') return null;
	return analysis.dataflows?.find((study) => study.profile === profile) ?? null;
}

/** "9.6 to 54 µJ". */
export function bandEnergyWords({ energyJoules: { low, high } }: DataflowStudy): string {
	const prefix = prefixOf(high);
	return `${formatSignificant(underPrefix(low, prefix), 2)} to ${formatSignificant(underPrefix(high, prefix), 2)} ${prefix.symbol}J`;
}

/** "0.84× to 4.7×"; null without a DNN to compare with. */
export function bandRatioWords({ ratio }: DataflowStudy): string | null {
	return ratio && `${formatSignificant(ratio.low, 2)}× to ${formatSignificant(ratio.high, 2)}×`;
}

/** Whether a figure is arithmetic alone and its band another profile's. */
export const isArithmetic = ({ profile, memoryProfile }: DataflowStudy): boolean => profile !== memoryProfile;

/** Under which dataflows the spiking network needs less and under which more; null where all agree with the figure's own ratio. */
export function signSentence(study: DataflowStudy, figure: number | null): string | null {
	const { ratio, rows, bestForDnn } = study;
	if (!ratio || bestForDnn === null) return null;
	const cheaper = rows.filter((row) => (row.ratioToBest?.nominal ?? 0) > 1).map(({ dataflow }) => dataflow);
	const dearer = rows.filter((row) => (row.ratioToBest?.nominal ?? 0) < 1).map(({ dataflow }) => dataflow);
	const against = `With the DNN in the order that suits it best (${bestForDnn}), the spiking network needs`;
	if (cheaper.length > 0 && dearer.length > 0)
		return `${against} less if it is ${inWords(cheaper)}, and more if it is ${inWords(dearer)}.`;
	if (cheaper.length === 0 && (figure ?? 0) > 1) return `${against} more in every dataflow: memory turns the sign.`;
	if (dearer.length === 0 && figure !== null && figure < 1) return `${against} less in every dataflow: memory turns the sign.`;
	return null;
}

const inWords = (names: readonly string[]): string =>
	names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** The band's energy as a fact of the result. */
export function bandFact(study: DataflowStudy): Fact {
	const label = isArithmetic(study) ? 'With memory' : 'By dataflow';
	return { label, text: `${bandEnergyWords(study)} per inference, by dataflow (${study.memoryProfile})`, strong: true };
}

/** Every dataflow: what both networks cost and which of them needs less. */
export function dataflowTable(study: DataflowStudy): Table {
	return {
		id: 'dataflows',
		caption: `Energy per inference under each dataflow of the profile ${study.memoryProfile}.`,
		note: `Ratio: DNN ÷ SNN, both in this dataflow; against the best: the DNN ${study.bestForDnn ?? 'cannot run'}; equal bits: the DNN of ceil(log2(T + 1)) bits that skips zeros, in this dataflow.`,
		columns: [
			{ key: 'dataflow', title: 'dataflow', quantity: 'text' },
			{ key: 'snnEnergyJoules', title: 'SNN', quantity: 'joules' },
			{ key: 'dnnEnergyJoules', title: 'DNN', quantity: 'joules', dropOrder: 2 },
			{ key: 'int8EnergyJoules', title: 'DNN, 8 bit', quantity: 'joules', dropOrder: 3 },
			{ key: 'ratio', title: 'ratio', quantity: 'ratio', dropOrder: 1 },
			{ key: 'ratioToBest', title: 'against the best', quantity: 'ratio' },
			{ key: 'ratioToMatched', title: 'equal bits', quantity: 'ratio', dropOrder: 4 },
		],
		rows: study.rows.map((row) => ({
			cells: [
				row.dataflow,
				row.snnEnergyJoules,
				row.dnnEnergyJoules,
				row.int8EnergyJoules,
				row.ratio,
				row.ratioToBest,
				row.ratioToMatched,
			],
		})),
	};
}

/** Studies of spiking networks, for whom the band is a comparison. */
export const spikingBands = (analysis: Analysis): readonly DataflowStudy[] =>
	networkActivity(analysis).spiking ? (analysis.dataflows ?? []) : [];

/** "95 % interval over 300 samples 4.61 to 4.69 µJ"; empty where samples say nothing. */
export function samplingWords({ samplingJoules }: Estimate, samples: number): string {
	if (!samplingJoules) return '';
	const prefix = prefixOf(samplingJoules.high);
	const low = formatSignificant(underPrefix(samplingJoules.low, prefix));
	return `95 % interval over ${formatCount(samples)} samples: ${low} to ${formatQuantity(samplingJoules.high, 'J')}`;
}
