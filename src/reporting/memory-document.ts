/** Memory traffic as a result of its own: what moves, at which level, and what share of the energy that is. */

import type { MemoryStudy } from '../hardware/index.ts';
import type { Printable } from './printable.ts';
import type { Row, Table } from './table.ts';

export function describeMemory(result: MemoryStudy): Printable {
	const table: Table = {
		id: 'memory',
		caption: 'Memory traffic per inference by layer, store and level.',
		columns: [
			{ key: 'layer', title: 'layer', quantity: 'text' },
			{ key: 'store', title: 'store', quantity: 'text' },
			{ key: 'level', title: 'level', quantity: 'text' },
			{ key: 'footprintBytes', title: 'size', quantity: 'bytes', dropOrder: 2 },
			{ key: 'readBytes', title: 'read', quantity: 'bytes' },
			{ key: 'writtenBytes', title: 'written', quantity: 'bytes' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
		],
		rows: result.memory.stores.flatMap(({ layer, store, footprintBytes, levels, level }): Row[] =>
			Object.entries(levels).map(([name, { readBytes, writtenBytes, energyJoules }]) => ({
				cells: [layer, store, name, name === level ? footprintBytes : null, readBytes, writtenBytes, energyJoules],
			})),
		),
	};
	const totals: Table = {
		id: 'memory-totals',
		caption: 'By store, all layers together.',
		columns: [
			{ key: 'store', title: 'store', quantity: 'text' },
			{ key: 'readBytes', title: 'read', quantity: 'bytes' },
			{ key: 'writtenBytes', title: 'written', quantity: 'bytes' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'energyShare', title: 'share of the inference', quantity: 'percent' },
		],
		rows: Object.entries(result.memory.totals).map(([store, { readBytes, writtenBytes, energyJoules, energyShare }]) => ({
			cells: [store, readBytes, writtenBytes, energyJoules, energyShare],
		})),
	};
	const growth: Table = {
		id: 'membrane-growth',
		caption: 'Membrane potentials moved, if the network ran for other numbers of timesteps.',
		columns: [
			{ key: 'timesteps', title: 'timesteps', quantity: 'count' },
			{ key: 'bytes', title: 'moved', quantity: 'bytes' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'energyShare', title: 'share of the inference', quantity: 'percent' },
		],
		rows: result.membraneByTimesteps.map(({ timesteps, bytes, energyJoules, energyShare }) => ({
			cells: [timesteps, bytes, energyJoules, energyShare],
			emphasis: timesteps === result.timesteps,
		})),
	};
	return {
		record: result,
		table,
		document: {
			title: `Memory traffic on ${result.profile}`,
			sections: [
				{ heading: 'Totals', blocks: [{ kind: 'table', table: totals }] },
				{ heading: 'Membrane potentials over timesteps', blocks: [{ kind: 'table', table: growth }] },
				{ heading: 'Layers', blocks: [{ kind: 'table', table }] },
				{ heading: 'Taken for granted', blocks: [{ kind: 'list', items: result.assumptions.map(({ sentence }) => sentence) }] },
			],
		},
	};
}
