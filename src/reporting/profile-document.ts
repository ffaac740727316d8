/** Hardware profiles, listed and shown. */

import type { Constant, Profile, ProfileSummary, Term } from '../hardware/index.ts';
import type { Printable } from './printable.ts';
import type { Block, Column, Section, Table } from './table.ts';

export function describeProfileList(profiles: readonly ProfileSummary[]): Printable {
	const table: Table = {
		id: 'profiles',
		caption: 'Hardware profiles.',
		columns: [
			{ key: 'name', title: 'name', quantity: 'text' },
			{ key: 'title', title: 'what it is', quantity: 'text' },
			{ key: 'scope', title: 'scope', quantity: 'text', dropOrder: 1 },
		],
		rows: profiles.map(({ name, title, scope }) => ({ cells: [name, title, scope] })),
	};
	return {
		record: profiles,
		table,
		document: { title: 'Hardware profiles', sections: [{ heading: 'Profiles', blocks: [{ kind: 'table', table }] }] },
	};
}

const constantColumns: readonly Column[] = [
	{ key: 'constant', title: 'constant', quantity: 'text' },
	{ key: 'value', title: 'value', quantity: 'worded' },
	{ key: 'unit', title: 'unit', quantity: 'text' },
	{ key: 'evidence', title: 'evidence', quantity: 'text' },
	{ key: 'source', title: 'source', quantity: 'text', dropOrder: 1 },
	{ key: 'note', title: 'note', quantity: 'text', dropOrder: 2 },
];

export function describeProfile(profile: Profile): Printable {
	const constants = [...profile.constants.values()];
	const table: Table = {
		id: 'constants',
		caption: 'Constants, in the order of the file.',
		columns: constantColumns,
		rows: constants.map((constant) => ({
			cells: [constant.name, valueText(constant), unitOf(constant), constant.evidence, constant.source, constant.note ?? ''],
		})),
	};
	return {
		record: recordOf(profile),
		table,
		document: { title: `${profile.name}: ${profile.title}`, sections: sectionsOf(profile, table) },
	};
}

function valueText({ value, unitSize, table, formula }: Constant): string {
	if (table) return `${table.keys.length} points`;
	const { low, nominal, high } = value;
	const inUnit = (si: number): string => String(Number((si / unitSize).toPrecision(6)));
	const shown = low === high ? inUnit(nominal) : `${inUnit(nominal)} (${inUnit(low)} to ${inUnit(high)})`;
	return formula ? `= ${shown}` : shown;
}

function unitOf({ unit, table }: Constant): string {
	return table ? `${unit} by ${table.keyUnit || 'number'}` : unit;
}

function sectionsOf(profile: Profile, table: Table): readonly Section[] {
	const technology = Object.entries(profile.technology).map(([label, text]) => ({ label, text }));
	const sources = [...profile.sources].map(([key, { citation, doi, url, note }]) => {
		const place = doi ? ` doi:${doi}` : url ? ` ${url}` : '';
		return `${key}: ${citation}.${place}${note ? ` (${note})` : ''}`;
	});
	const formulas = (heading: string, terms: readonly Term[]): Section[] =>
		terms.length === 0
			? []
			: [
					{
						heading,
						blocks: [{ kind: 'list', items: terms.map(({ name, text }) => `${name} = ${text.replaceAll(/\s+/g, ' ').trim()}`) }],
					},
				];
	const about: Block[] = [
		{ kind: 'paragraph', text: profile.summary },
		{
			kind: 'facts',
			facts: [
				...technology,
				{ label: 'scope', text: profile.scope },
				{ label: 'files', text: profile.files.join(' extends ') },
				{ label: 'DNN baseline', text: profile.dense.unsupported ?? 'priced by the same formulas' },
			],
		},
	];
	const sections: readonly Section[] = [
		{ heading: 'What it is', blocks: about },
		{ heading: 'Constants', blocks: [{ kind: 'table', table }] },
		...formulas('Energy of a layer at a timestep', profile.energy),
		...formulas('Energy of the whole inference', profile.inferenceEnergy),
		...formulas('Latency of a layer at a timestep', profile.latency),
		...formulas('Roofline of a layer at a timestep: the longest counts', profile.roofline),
		...formulas('Latency of the whole inference', profile.inferenceLatency),
		...formulas('Resources, summed over layers', profile.resources),
		list('Not priced', profile.unpriced),
		list('Inside another price', profile.includes),
		list(
			'Taken for granted',
			profile.assumptions.map(({ sentence, change }) => (change ? `${sentence} Change it with ${change}.` : sentence)),
		),
		list('Sources', sources),
	];
	return sections.filter(({ blocks }) => blocks.length > 0);
}

function list(heading: string, items: readonly string[]): Section {
	return { heading, blocks: items.length === 0 ? [] : [{ kind: 'list', items }] };
}

/** The profile as plain data: maps become objects, checked formulas their text. */
function recordOf(profile: Profile): unknown {
	const terms = (list: readonly Term[]): Record<string, string> => Object.fromEntries(list.map(({ name, text }) => [name, text]));
	return {
		name: profile.name,
		title: profile.title,
		summary: profile.summary,
		scope: profile.scope,
		technology: profile.technology,
		files: profile.files,
		sources: Object.fromEntries(profile.sources),
		constants: Object.fromEntries(
			[...profile.constants].map(([name, { value, unit, unitSize, table, formula, evidence, source, note, scope }]) => [
				name,
				{
					unit,
					low: value.low / unitSize,
					nominal: value.nominal / unitSize,
					high: value.high / unitSize,
					table: table
						? {
								keyUnit: table.keyUnit,
								keys: table.keys.map((key) => key / table.keyUnitSize),
								values: table.values.map((entry) => entry / unitSize),
							}
						: null,
					formula: formula?.text ?? null,
					evidence,
					source,
					note,
					scope,
				},
			]),
		),
		energy: terms(profile.energy),
		latency: terms(profile.latency),
		roofline: terms(profile.roofline),
		inferenceEnergy: terms(profile.inferenceEnergy),
		inferenceLatency: terms(profile.inferenceLatency),
		resources: terms(profile.resources),
		unpriced: profile.unpriced,
		includes: profile.includes,
		assumptions: profile.assumptions,
	};
}
