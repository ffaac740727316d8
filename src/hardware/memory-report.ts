import type { Assumption, MemoryReport, StoreTraffic } from './estimate.ts';
import { evaluate } from './evaluate.ts';
import type { NetworkEvents } from './events.ts';
import type { Placement } from './memory.ts';
import type { Program } from './program.ts';

interface Sums {
	readBytes: number;
	writtenBytes: number;
	energyJoules: number;
}

const nothing = (): Sums => ({ readBytes: 0, writtenBytes: 0, energyJoules: 0 });

function add(sums: Sums, readBytes: number, writtenBytes: number, energyJoules: number): void {
	sums.readBytes += readBytes;
	sums.writtenBytes += writtenBytes;
	sums.energyJoules += energyJoules;
}

/** Traffic of every store by layer, timestep and level at the nominal constants; null without a memory model. */
export function memoryReport(program: Program, events: NetworkEvents, totalJoules: number): MemoryReport | null {
	const { memory } = program;
	if (!memory) return null;
	const records = events.layers.map((layer) =>
		memory.stores.map(() => ({ levels: memory.levels.map(nothing), perTimestep: layer.counts.map(nothing) })),
	);
	const corner = Float64Array.from(program.intervals, (interval) => interval.nominal);
	const { placements } = evaluate(program, events, corner, (layer, timestep, store, levels) => {
		const record = records[layer]?.[store];
		for (const [level, { readBits, writtenBits, energyJoules }] of levels.entries()) {
			for (const sums of [record?.levels[level], record?.perTimestep[timestep]]) {
				if (sums) add(sums, readBits / 8, writtenBits / 8, energyJoules);
			}
		}
	});
	const stores = events.layers.flatMap((layer, layerNumber) =>
		memory.stores.flatMap((store, storeNumber): StoreTraffic[] => {
			const record = records[layerNumber]?.[storeNumber];
			const placement = placements[layerNumber]?.[storeNumber];
			if (!record || !placement) return [];
			const moved = record.levels.some(({ readBytes, writtenBytes }) => readBytes + writtenBytes > 0);
			if (!moved && placement.footprintBits === 0) return [];
			const level = memory.levels[placement.level]?.name ?? '';
			const levels = Object.fromEntries(
				memory.levels.flatMap(({ name }, index) => {
					const sums = record.levels[index];
					return sums && (name === level || sums.readBytes + sums.writtenBytes > 0) ? [[name, sums]] : [];
				}),
			);
			return [
				{
					layer: layer.name,
					store: store.name,
					level,
					footprintBytes: placement.footprintBits / 8,
					levels,
					perTimestep: record.perTimestep,
				},
			];
		}),
	);
	const totals = Object.fromEntries(
		memory.stores.map(({ name }) => {
			const sums = nothing();
			for (const traffic of stores) {
				if (traffic.store !== name) continue;
				for (const { readBytes, writtenBytes, energyJoules } of Object.values(traffic.levels))
					add(sums, readBytes, writtenBytes, energyJoules);
			}
			return [name, { ...sums, energyShare: totalJoules > 0 ? sums.energyJoules / totalJoules : 0 }];
		}),
	);
	return { stores, totals };
}

/** What a reader must know about where the data lies. */
export function memorySentences(
	program: Program,
	events: NetworkEvents,
	placements: readonly (readonly Placement[])[],
): Assumption[] {
	const { memory } = program;
	if (!memory) return [];
	const nearest = memory.levels[0];
	const away = placements.flatMap((stores, layer) =>
		stores.flatMap((placement, store) =>
			placement.level > 0 && placement.footprintBits > 0
				? [`${memory.stores[store]?.name} of ${events.layers[layer]?.name} (${formatBytes(placement.footprintBits / 8)})`]
				: [],
		),
	);
	const capacity = memory.model.levels[0]?.capacity ?? null;
	const words = memory.model.packing === 'full' ? 'as many elements as fit share a word' : 'each element takes a word of its own';
	const buffers =
		memory.model.buffers === 'per-layer'
			? 'each store of each layer has a buffer of its own size'
			: 'all stores share one buffer';
	const sentences: Assumption[] = [{ sentence: `In memory ${words}, and ${buffers}.`, change: null }];
	if (away.length > 0 && nearest && capacity !== null) {
		const listed = away.length > 4 ? `${away.slice(0, 4).join(', ')} and ${away.length - 4} more` : away.join(', ');
		sentences.push({
			sentence: `Too large for ${nearest.name} and kept farther away: ${listed}.`,
			change: `--set ${capacity}=SIZE`,
		});
	}
	return sentences;
}

function formatBytes(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
	return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}
