/** Accuracy by timesteps, and latency against other spiking networks: published and measured. */

import { accuracyOf } from '../compare.ts';
import { formatCount } from '../numbers.ts';
import type { Cell, Row, Table } from '../table.ts';
import { groups } from './groups.ts';
import { compareText, dataName, type MeasuredRun, runName } from './measured.ts';
import { type PublishedAccuracy, publishedAccuracies } from './published.ts';

const steps = [5, 4, 3, 2, 1] as const;

/** One row a network; a column for the plain network and for T = 5 … 1. */
export function accuracyTable(runs: readonly MeasuredRun[]): Table {
	const published = groupBy(
		publishedAccuracies.filter(({ timesteps }) => timesteps === null || timesteps <= 5),
		({ method, network, dataset }) => `${method.replace('plain network of ', '')}\n${network}\n${dataset}`,
	)
		.filter((rows) => rows.some(({ timesteps }) => timesteps !== null))
		.map((rows): Row => {
			const first = rows.find(({ timesteps }) => timesteps !== null) as PublishedAccuracy;
			const at = (timesteps: number | null): Cell => {
				const found = rows.find((row) => row.timesteps === timesteps);
				return found === undefined ? null : found.accuracyPercent / 100;
			};
			return {
				group: groups.published,
				cells: [first.method, first.network, first.dataset, at(null), ...steps.map(at), first.source],
			};
		});
	const measured = groupBy(runs, (run) => (run.role === 'control' ? runName(run) : run.family)).map((family): Row => {
		const plain = family.find(({ role }) => role === 'plain');
		const at = (timesteps: number): Cell => {
			const run = family.find(({ role, analysis }) => role !== 'plain' && analysis.run.timesteps === timesteps);
			return run === undefined ? null : accuracyOf(run.analysis);
		};
		const [first] = family;
		return {
			group: groups.measured,
			cells: [
				'this project',
				first === undefined ? '' : runName(first),
				first === undefined ? '' : dataName(first.analysis),
				plain === undefined ? null : accuracyOf(plain.analysis),
				...steps.map(at),
				first === undefined ? '' : `${formatCount(first.analysis.run.samples)} samples`,
			],
		};
	});
	return {
		id: 'accuracy-by-timesteps',
		caption: 'Accuracy by number of timesteps.',
		note: 'Cells that could not be read in a source are left out; the DNN is the ReLU network the spiking one started from.',
		columns: [
			{ key: 'method', title: 'method', quantity: 'text' },
			{ key: 'network', title: 'network', quantity: 'text' },
			{ key: 'data', title: 'data', quantity: 'text' },
			{ key: 'plain', title: 'DNN', quantity: 'accuracy' },
			...steps.map((step) => ({ key: `t${step}`, title: `T = ${step}`, quantity: 'accuracy' }) as const),
			{ key: 'source', title: 'source', quantity: 'text' },
		],
		rows: [...published, ...measured],
	};
}

const dataOrder = ['CIFAR-10', 'CIFAR-100', 'ImageNet'];

/** In the papers latency is the number of timesteps: published networks by data set, fewest timesteps first. */
export function latencyTable(runs: readonly MeasuredRun[]): Table {
	const published = publishedAccuracies
		.filter(({ timesteps }) => timesteps !== null)
		.toSorted(
			(one, other) =>
				dataOrder.indexOf(one.dataset) - dataOrder.indexOf(other.dataset) ||
				(one.timesteps ?? 0) - (other.timesteps ?? 0) ||
				other.accuracyPercent - one.accuracyPercent ||
				compareText(one.method, other.method),
		)
		.map(
			({ method, network, dataset, timesteps, accuracyPercent, source }): Row => ({
				group: groups.published,
				cells: [method, network, dataset, accuracyPercent / 100, timesteps, source],
			}),
		);
	const measured = runs
		.filter(({ role, analysis }) => role === 'spiking' && analysis.run.timesteps === 1)
		.map(
			(run): Row => ({
				group: groups.measured,
				cells: [
					'this project',
					runName(run),
					dataName(run.analysis),
					accuracyOf(run.analysis),
					run.analysis.run.timesteps,
					`${formatCount(run.analysis.run.samples)} samples`,
				],
			}),
		);
	return {
		id: 'latency',
		caption: 'Latency in timesteps against other spiking networks.',
		note: 'A ratio of timesteps is a ratio of latencies only where a timestep takes as long in both.',
		columns: [
			{ key: 'method', title: 'method', quantity: 'text' },
			{ key: 'network', title: 'network', quantity: 'text' },
			{ key: 'data', title: 'data', quantity: 'text' },
			{ key: 'accuracy', title: 'accuracy', quantity: 'accuracy' },
			{ key: 'timesteps', title: 'timesteps', quantity: 'count' },
			{ key: 'source', title: 'source', quantity: 'text' },
		],
		rows: [...published, ...measured],
	};
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
	const found = new Map<string, Item[]>();
	for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item]);
	return [...found.values()];
}
