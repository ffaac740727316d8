/** What changed between two results, total by total and layer by layer. */

import type { LayerActivity } from '../simulation/activity.ts';
import type { Analysis } from './analysis.ts';
import { formatCell } from './cells.ts';
import { accuracyOf } from './compare.ts';
import { formatCount, formatPercent } from './numbers.ts';
import { firingRate, membraneWords, perInference, ratioOrNull } from './quantities.ts';
import { estimateName } from './sentences.ts';
import type { Block, Cell, Column, Quantity, ReportDocument, Row, Section, Table } from './table.ts';

export interface AnalysisDiff {
	/** Whether anything that was counted or priced differs. */
	readonly changed: boolean;
	readonly document: ReportDocument;
}

export function diffAnalyses(before: Analysis, after: Analysis): AnalysisDiff {
	const totals = totalsTable(before, after);
	const layers = layersTable(before, after);
	const circumstances = circumstanceChanges(before, after);
	const blocks: Block[] = totals.rows.length > 0 ? [{ kind: 'table', table: totals }] : [];
	const changed = totals.rows.length > 0 || layers.rows.length > 0;
	if (!changed) blocks.push({ kind: 'paragraph', text: 'No count, accuracy, energy or latency differs.' });
	const sections: Section[] = [{ heading: 'Changed', blocks }];
	if (layers.rows.length > 0) sections.push({ heading: 'Layers that changed', blocks: [{ kind: 'table', table: layers }] });
	if (circumstances.length > 0)
		sections.push({ heading: 'Circumstances that changed', blocks: [{ kind: 'list', items: circumstances }] });
	return { changed, document: { title: `${before.model.file} → ${after.model.file}`, sections } };
}

/** Rows of one table share no unit, so each quantity has its own row of worded numbers. */
function totalsTable(before: Analysis, after: Analysis): Table {
	const rows: Row[] = [];
	const add = (name: string, old: number | null, now: number | null, quantity: Quantity) => {
		if (old === now) return;
		rows.push({ cells: [name, worded(old, quantity), worded(now, quantity), change(old, now)] });
	};
	add('accuracy', accuracyOf(before), accuracyOf(after), 'percent');
	for (const profile of profilesOf(before, after)) {
		const [old, now] = [before, after].map(({ estimates }) => estimates.find((estimate) => estimateName(estimate) === profile));
		const nominal = (side: typeof old) => side?.energyPerInferenceJoules.nominal ?? null;
		add(`energy on ${profile}`, nominal(old), nominal(now), 'joules');
		const latency = (side: typeof old) => side?.latencyPerInferenceSeconds?.nominal ?? null;
		add(`latency on ${profile}`, latency(old), latency(now), 'seconds');
	}
	const count = (name: string, of: (analysis: Analysis) => number) => add(name, of(before), of(after), 'count');
	count('parameters', ({ model }) => model.parameters);
	count('timesteps', ({ run }) => run.timesteps);
	for (const name of ['spikes', 'acs', 'macs', 'macsDense', 'synapticEvents', 'denseMacs'] as const) {
		const title = { acs: 'ACs', macs: 'MACs' }[name as 'acs' | 'macs'] ?? name;
		count(`${title} per inference`, ({ totals, run }) => perInference(totals[name], run));
	}
	count('membrane words per inference', ({ totals, run }) => membraneWords(totals, run));
	return {
		id: 'diff-totals',
		caption: 'Quantities that differ; means per inference.',
		columns: [
			{ key: 'quantity', title: 'quantity', quantity: 'text' },
			{ key: 'before', title: 'before', quantity: 'worded' },
			{ key: 'after', title: 'after', quantity: 'worded' },
			{ key: 'change', title: 'change', quantity: 'worded' },
		],
		rows,
	};
}

function layersTable(before: Analysis, after: Analysis): Table {
	const columns: Column[] = [
		{ key: 'layer', title: 'layer', quantity: 'text' },
		{ key: 'quantity', title: 'quantity', quantity: 'text' },
		{ key: 'before', title: 'before', quantity: 'worded' },
		{ key: 'after', title: 'after', quantity: 'worded' },
		{ key: 'change', title: 'change', quantity: 'worded' },
	];
	const rows: Row[] = [];
	for (const { name, old, now } of pairLayers(before.layers, after.layers)) {
		if (old === undefined || now === undefined) {
			rows.push({
				cells: [name, 'layer', old === undefined ? 'absent' : 'present', now === undefined ? 'absent' : 'present', ''],
			});
			continue;
		}
		const [measuresBefore, measuresAfter] = [measures(old, before), measures(now, after)];
		for (const [quantity, [value, kind]] of Object.entries(measuresAfter)) {
			const previous = measuresBefore[quantity]?.[0] ?? null;
			if (previous === value) continue;
			rows.push({ cells: [name, quantity, worded(previous, kind), worded(value, kind), change(previous, value)] });
		}
	}
	return { id: 'diff-layers', caption: 'Layers that differ; means per inference.', columns, rows };
}

type Measures = Readonly<Record<string, readonly [number | null, Quantity]>>;

function measures(layer: LayerActivity, analysis: Analysis): Measures {
	const { run } = analysis;
	const energies = Object.fromEntries(
		analysis.estimates.map((estimate) => {
			const own = estimate.layers.find((candidate) => candidate.name === layer.name && candidate.kind === layer.kind);
			return [`energy on ${estimateName(estimate)}`, [own?.energyJoules.nominal ?? null, 'joules'] as const];
		}),
	);
	if (layer.kind === 'neuron') {
		return {
			'firing rate': [firingRate(layer, run), 'percent'],
			spikes: [perInference(layer.totals.spikes, run), 'count'],
			'membrane words': [membraneWords(layer.totals, run), 'count'],
			...energies,
		};
	}
	return {
		ACs: [perInference(layer.totals.acs, run), 'count'],
		MACs: [perInference(layer.totals.macs, run), 'count'],
		'dense MACs': [perInference(layer.totals.denseMacs, run), 'count'],
		...energies,
	};
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

function profilesOf(...analyses: readonly Analysis[]): string[] {
	return [...new Set(analyses.flatMap(({ estimates }) => estimates.map(estimateName)))];
}

function worded(value: number | null, quantity: Quantity): Cell {
	return value === null ? '–' : formatCell(value, quantity);
}

/** "+12.3 %", "−4.0 %"; a dash when there is nothing to divide by. */
function change(before: number | null, after: number | null): string {
	if (before === null || after === null) return '–';
	const relative = ratioOrNull(after - before, Math.abs(before));
	if (relative === null) return 'from zero';
	const percent = formatPercent(Math.abs(relative));
	return relative > 0 ? `+${percent}` : `−${percent}`;
}
