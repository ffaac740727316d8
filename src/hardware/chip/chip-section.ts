import type { Direction } from './parameters.ts';

/** JSON Schema of a profile's `chip` section: roles of the many-core model, each filled by the name of a constant. */

const constant = { type: 'string', minLength: 1 } as const;
/** A plain number, or the name of a constant that holds one with its source. */
const amount = { anyOf: [{ type: 'number', minimum: 0 }, constant] } as const;
const positive = { type: 'integer', minimum: 1, maximum: 2 ** 20 } as const;

const event = {
	type: 'object',
	additionalProperties: false,
	properties: { energy: constant, latency: constant },
} as const;

const synapseUnit = {
	...event,
	properties: { ...event.properties, alsoCalled: { type: 'array', items: constant } },
} as const;

export const chipSectionSchema = {
	$id: 'urn:snn-energy:chip-section:1',
	type: 'object',
	required: ['mesh', 'synapses'],
	additionalProperties: false,
	properties: {
		mesh: {
			type: 'object',
			required: ['width', 'height', 'coresPerTile'],
			additionalProperties: false,
			properties: { width: positive, height: positive, coresPerTile: positive },
		},
		limits: {
			type: 'object',
			additionalProperties: false,
			properties: { neurons: amount, synapticMemory: amount, fanIn: amount, axonsIn: amount, axonsOut: amount },
		},
		weightWidth: amount,
		neuronWidth: amount,
		linkBufferMessages: positive,
		neuronAccess: event,
		neuronUpdate: event,
		neuronSpike: event,
		axonOut: event,
		axonIn: event,
		synapses: { type: 'object', minProperties: 1, maxProperties: 256, additionalProperties: synapseUnit },
		hop: { type: 'object', additionalProperties: false, properties: { east: event, west: event, north: event, south: event } },
		barrier: constant,
		tick: constant,
		staticPower: { type: 'object', additionalProperties: false, properties: { core: constant, chip: constant } },
	},
} as const;

export interface EventSection {
	readonly energy?: string;
	readonly latency?: string;
}

export type Amount = number | string;

/** The `chip` section after its shape has been checked. */
export interface ChipSection {
	readonly mesh: { readonly width: number; readonly height: number; readonly coresPerTile: number };
	readonly limits?: {
		readonly neurons?: Amount;
		readonly synapticMemory?: Amount;
		readonly fanIn?: Amount;
		readonly axonsIn?: Amount;
		readonly axonsOut?: Amount;
	};
	readonly weightWidth?: Amount;
	readonly neuronWidth?: Amount;
	readonly linkBufferMessages?: number;
	readonly neuronAccess?: EventSection;
	readonly neuronUpdate?: EventSection;
	readonly neuronSpike?: EventSection;
	readonly axonOut?: EventSection;
	readonly axonIn?: EventSection;
	readonly synapses: Readonly<Record<string, EventSection & { readonly alsoCalled?: readonly string[] }>>;
	readonly hop?: Partial<Readonly<Record<Direction, EventSection>>>;
	readonly barrier?: string;
	readonly tick?: string;
	readonly staticPower?: { readonly core?: string; readonly chip?: string };
}
