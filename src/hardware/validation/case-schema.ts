import { accountingNames } from '../accounting/accountings.ts';
import { authorities, type CaseKind, pointQuantities } from './case.ts';

/** JSON Schemas of case files, by kind. */

const text = { type: 'string', minLength: 1 } as const;
const number = { type: 'number' } as const;
const positive = { type: 'integer', minimum: 1 } as const;
const tolerance = { type: 'number', minimum: 0 } as const;
const count = {
	anyOf: [
		{ type: 'number', minimum: 0 },
		{ type: 'array', minItems: 1, items: { type: 'number', minimum: 0 } },
	],
} as const;
const shape = { type: 'array', minItems: 3, maxItems: 3, items: positive } as const;
const list = (items: object) => ({ type: 'array', minItems: 1, items });

const object = (required: readonly string[], properties: object) => ({
	type: 'object',
	required,
	additionalProperties: false,
	properties,
});

const network = { name: text, architecture: text, input: shape, classes: positive } as const;

const expectation = { tolerance, note: text, miss: text, 'fitted-on': { type: 'boolean' } } as const;

const published = { quantity: { enum: pointQuantities }, value: text } as const;

const pointCounts = {
	timesteps: positive,
	layers: positive,
	neurons: count,
	synapticEvents: count,
	acs: count,
	macs: count,
	macsDense: count,
	denseMacs: count,
	activeInputs: count,
	inputs: count,
	weights: count,
	spikes: count,
	drivenUpdates: count,
	stateReads: count,
	stateWrites: count,
} as const;

const caseOf = (kind: CaseKind, required: readonly string[], properties: object) => ({
	$id: `urn:snn-energy:case:${kind}:1`,
	...object(['name', 'title', 'kind', 'authority', 'source', ...required], {
		name: text,
		title: text,
		kind: { const: kind },
		authority: { enum: authorities },
		source: text,
		...properties,
	}),
});

export const caseSchemas: Readonly<Record<CaseKind, object>> = {
	'operating-points': caseOf('operating-points', ['profile', 'points'], {
		profile: text,
		points: list(
			object(['name', 'timesteps', 'published', 'tolerance'], {
				name: text,
				set: { type: 'array', items: text },
				...pointCounts,
				terms: list(text),
				published: object(['quantity', 'value'], published),
				...expectation,
			}),
		),
	}),
	counts: caseOf('counts', ['profile', 'rows'], {
		profile: text,
		rows: list(
			object(['name', 'published', 'tolerance'], {
				name: text,
				acs: count,
				macs: count,
				sops: count,
				published: object(['energy'], { energy: text }),
				...expectation,
			}),
		),
	}),
	'leave-one-out': caseOf('leave-one-out', ['profile', 'fit', 'rows'], {
		profile: text,
		fit: object([], { time: list(text), energy: list(text) }),
		rows: list(
			object(['name', 'timesteps', 'published'], {
				name: text,
				group: text,
				set: { type: 'array', items: text },
				...pointCounts,
				terms: list(text),
				judged: { type: 'boolean' },
				fits: { type: 'boolean' },
				published: list(object(['quantity', 'value', 'tolerance'], { ...published, ...expectation })),
			}),
		),
	}),
	'chip-run': caseOf('chip-run', ['profile', 'runs', 'tolerances'], {
		profile: text,
		runs: list(object(['network', 'mapping', 'reference'], { network: text, mapping: text, reference: text })),
		tolerances: object(['counts', 'energy', 'simple', 'detailed'], {
			counts: tolerance,
			energy: tolerance,
			simple: tolerance,
			detailed: tolerance,
		}),
	}),
	architecture: caseOf('architecture', ['profile', 'networks'], {
		profile: text,
		networks: list(
			object(['name', 'architecture', 'input', 'classes', 'published', 'tolerance', 'energyTolerance'], {
				...network,
				published: object([], { macs: positive, firstLayerMacs: positive, neurons: positive, denseEnergy: text }),
				tolerance,
				energyTolerance: tolerance,
				note: text,
			}),
		),
	}),
	'spike-rates': caseOf('spike-rates', ['profile', 'networks', 'tolerance'], {
		profile: text,
		tolerance,
		networks: list(
			object(['name', 'architecture', 'input', 'classes', 'timesteps', 'rates', 'published'], {
				...network,
				timesteps: positive,
				rates: list({ type: 'number', minimum: 0 }),
				published: object(['rate', 'ratio', 'firstLayerShare'], { rate: number, ratio: number, firstLayerShare: number }),
				slip: object(['reason'], { macs: positive, input: shape, firstDenseInputs: positive, reason: text }),
				rows: list(object(['name', 'rate', 'ratio'], { name: text, rate: number, ratio: number })),
			}),
		),
	}),
	'equation-grid': caseOf('equation-grid', ['equations', 'profile', 'tolerance'], {
		equations: { enum: ['lemaire2022'] },
		profile: text,
		tolerance,
	}),
	'tool-counts': caseOf('tool-counts', ['model', 'data', 'encoder', 'counts'], {
		model: text,
		data: text,
		timesteps: positive,
		encoder: { enum: ['once', 'every-step'] },
		counts: list(
			object(['name', 'accounting', 'event', 'published', 'tolerance'], {
				name: text,
				accounting: { enum: accountingNames },
				event: text,
				published: number,
				tolerance,
				note: text,
			}),
		),
	}),
};
