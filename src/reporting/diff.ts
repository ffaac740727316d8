/** What changed between two results, total by total and layer by layer. */

import type { LayerActivity } from '../activity/activity.ts';
import type { Analysis } from './analysis.ts';
import { formatCell } from './cells.ts';
import { accuracyOf, namedCautions, shortModelName } from './compare.ts';
import { formatCount, formatPercent, noValue } from './numbers.ts';
import { type Printable, withCautions } from './printable.ts';
import { firingRate, membraneWords, perInference, ratioOrNull } from './quantities.ts';
import { estimateName } from './sentences.ts';
import type { Block, Column, Quantity, Row, Section, Table } from './table.ts';

/** One quantity that differs; null where a side does not have it. */
export interface Change {
	/** Layer it belongs to, or null for the whole net. */
	readonly layer: string | null;
	readonly quantity: string;
	readonly before: number | null;
	readonly after: number | null;
}

export interface AnalysisDiff extends Printable {
	/** Whether anything that was counted or priced differs. */
	readonly changed: boolean;
}

interface WordedChange extends Change {
	readonly kind: Quantity;
}

/** Compares nominal values exactly: any difference counts. */
export function diffAnalyses(before: Analysis, after: Analysis): AnalysisDiff {
	const totals = totalChanges(before, after);
	const layers = layerChanges(before, after);
	const circumstances = circumstanceChanges(before, after);
	const changed = totals.length + layers.length > 0;
	const blocks: Block[] = changed ? [] : [{ kind: 'paragraph', text: 'No count, accuracy, energy or latency differs.' }];
	if (totals.length > 0)
		blocks.push({ kind: 'table', table: changeTable('diff-totals', 'Quantities that differ', totals, false) });
	const sections: Section[] = [{ heading: 'Changed', blocks }];
	if (layers.length > 0) {
		const table = changeTable('diff-layers', 'Layers that differ', layers, true);
		sections.push({ heading: 'Layers that changed', blocks: [{ kind: 'table', table }] });
	}
	if (circumstances.length > 0)
		sections.push({ heading: 'Circumstances that changed', blocks: [{ kind: 'list', items: circumstances }] });
	const bare = (changes: readonly WordedChange[]): Change[] => changes.map(({ kind: _, ...change }) => change);
	const printable = {
		document: { title: titleOf(before, after), sections },
		record: { schema: 'snn-energy/diff@1', changed, changes: bare([...totals, ...layers]), circumstances },
		table: numberTable([...totals, ...layers]),
	};
	return { changed, ...withCautions(printable, namedCautions([before, after])) };
}

function titleOf(before: Analysis, after: Analysis): string {
	const [old, now] = [before, after].map(({ model }) => shortModelName(model.file));
	return old === now ? `${now}: what changed` : `${old} → ${now}`;
}

function totalChanges(before: Analysis, after: Analysis): WordedChange[] {
	const [old, now] = [totalMeasures(before), totalMeasures(after)];
	return changesOf(null, old, now);
}

type Measures = ReadonlyMap<string, readonly [value: number | null, kind: Quantity]>;

function totalMeasures(analysis: Analysis): Measures {
	const { totals, run, model } = analysis;
	const measures = new Map<string, readonly [number | null, Quantity]>([['accuracy', [accuracyOf(analysis), 'accuracy']]]);
	for (const estimate of analysis.estimates) {
		measures.set(`energy on ${estimateName(estimate)}`, [estimate.energyPerInferenceJoules.nominal, 'joules']);
		measures.set(`latency on ${estimateName(estimate)}`, [estimate.latencyPerInferenceSeconds?.nominal ?? null, 'seconds']);
	}
	const count = (name: string, value: number) => measures.set(name, [value, 'count']);
	count('parameters', model.parameters);
	count('timesteps', run.timesteps);
	count('spikes', perInference(totals.spikes, run));
	count('ACs', perInference(totals.acs, run));
	count('MACs', perInference(totals.macs, run));
	count('MACs computed densely', perInference(totals.macsDense, run));
	count('synaptic events', perInference(totals.synapticEvents, run));
	count('dense MACs', perInference(totals.denseMacs, run));
	count('membrane words', membraneWords(totals, run));
	return measures;
}

function layerMeasures(layer: LayerActivity, analysis: Analysis): Measures {
	const { run } = analysis;
	const measures = new Map<string, readonly [number | null, Quantity]>([['present', [1, 'count']]]);
	if (layer.kind === 'neuron') {
		measures.set('firing rate', [firingRate(layer, run), 'percent']);
		measures.set('spikes', [perInference(layer.totals.spikes, run), 'count']);
		measures.set('membrane words', [membraneWords(layer.totals, run), 'count']);
	} else {
		measures.set('ACs', [perInference(layer.totals.acs, run), 'count']);
		measures.set('MACs', [perInference(layer.totals.macs, run), 'count']);
		measures.set('dense MACs', [perInference(layer.totals.denseMacs, run), 'count']);
	}
	for (const estimate of analysis.estimates) {
		const own = estimate.layers.find((candidate) => candidate.name === layer.name && candidate.kind === layer.kind);
		measures.set(`energy on ${estimateName(estimate)}`, [own?.energyJoules.nominal ?? null, 'joules']);
	}
	return measures;
}

function layerChanges(before: Analysis, after: Analysis): WordedChange[] {
	return pairLayers(before.layers, after.layers).flatMap(({ name, old, now }) => {
		const none: Measures = new Map([['present', [0, 'count']]]);
		const [oldMeasures, nowMeasures] = [
			old === undefined ? none : layerMeasures(old, before),
			now === undefined ? none : layerMeasures(now, after),
		];
		const changes = changesOf(name, oldMeasures, nowMeasures);
		return old === undefined || now === undefined ? changes.slice(0, 1) : changes;
	});
}

function changesOf(layer: string | null, before: Measures, after: Measures): WordedChange[] {
	return [...new Set([...after.keys(), ...before.keys()])].flatMap((quantity) => {
		const [old, oldKind] = before.get(quantity) ?? [null, 'number' as const];
		const [now, nowKind] = after.get(quantity) ?? [null, oldKind];
		return old === now ? [] : [{ layer, quantity, before: old, after: now, kind: nowKind }];
	});
}

/** Layers of equal kind and name are the same layer; the k-th of a repeated name pairs with the k-th. */
function pairLayers(before: readonly LayerActivity[], after: readonly LayerActivity[]) {
	const keyed = (layers: readonly LayerActivity[]) => {
		const seen = new Map<string, number>();
		return new Map(
			layers.map((layer) => {
				const key = `${layer.kind} ${layer.name}`;
				const count = (seen.get(key) ?? 0) + 1;
				seen.set(key, count);
				return [`${key} ${count}`, layer] as const;
			}),
		);
	};
	const [old, now] = [keyed(before), keyed(after)];
	return [...new Set([...now.keys(), ...old.keys()])].map((key) => {
		const [oldLayer, nowLayer] = [old.get(key), now.get(key)];
		return { name: (nowLayer ?? oldLayer)?.name ?? '', old: oldLayer, now: nowLayer };
	});
}

function circumstanceChanges(before: Analysis, after: Analysis): string[] {
	const changes: string[] = [];
	const compare = (name: string, of: (analysis: Analysis) => string) => {
		const [old, now] = [of(before), of(after)];
		if (old !== now) changes.push(`${name}: ${old} → ${now}`);
	};
	compare('tool', ({ tool }) => `${tool.name} ${tool.version}`);
	compare('model', ({ model }) => `${model.file} (sha256 ${model.sha256.slice(0, 12)})`);
	compare('data', ({ data }) => `${data.source} (sha256 ${data.sha256?.slice(0, 12) ?? 'unknown'})`);
	compare('samples', ({ run }) => formatCount(run.samples));
	compare('encoder', ({ run }) => run.encoder);
	compare('spike test', ({ run }) => run.spikeTest);
	compare('graded spikes', ({ run }) => run.graded);
	compare('profiles', ({ estimates }) => estimates.map(estimateName).join(', ') || 'none');
	return changes;
}

/** Rows share no unit, so each number is worded here. */
function changeTable(id: string, caption: string, changes: readonly WordedChange[], withLayer: boolean): Table {
	const columns: Column[] = [
		...(withLayer ? [{ key: 'layer', title: 'layer', quantity: 'text' } as const] : []),
		{ key: 'quantity', title: 'quantity', quantity: 'text' },
		{ key: 'before', title: 'before', quantity: 'worded' },
		{ key: 'after', title: 'after', quantity: 'worded' },
		{ key: 'change', title: 'change', quantity: 'worded' },
	];
	const rows = changes.map((change): Row => {
		const words = (value: number | null) => {
			if (change.quantity === 'present') return value === 1 ? 'present' : 'absent';
			return value === null ? noValue : formatCell(value, change.kind);
		};
		const cells = [change.quantity === 'present' ? 'layer' : change.quantity, words(change.before), words(change.after)];
		return { cells: [...(withLayer ? [change.layer] : []), ...cells, relativeChange(change)] };
	});
	return { id, caption: `${caption}; means per inference.`, columns, rows };
}

function numberTable(changes: readonly WordedChange[]): Table {
	return {
		id: 'diff',
		caption: 'Quantities that differ; counts are means per inference, energy in joules, latency in seconds.',
		columns: [
			{ key: 'layer', title: 'layer', quantity: 'text' },
			{ key: 'quantity', title: 'quantity', quantity: 'text' },
			{ key: 'before', title: 'before', quantity: 'number' },
			{ key: 'after', title: 'after', quantity: 'number' },
		],
		rows: changes.map(({ layer, quantity, before, after }) => ({ cells: [layer, quantity, before, after] })),
	};
}

/** "+12.3 %", "−4.0 %"; a dash when there is nothing to divide by. */
function relativeChange({ quantity, before, after }: Change): string {
	if (quantity === 'present' || before === null || after === null) return noValue;
	const relative = ratioOrNull(after - before, Math.abs(before));
	if (relative === null) return 'from zero';
	return `${relative > 0 ? '+' : '−'}${formatPercent(Math.abs(relative))}`;
}
