/** JSON Schema of an explicit network; "list" has been lifted out before it is checked (json-triples.ts). */

const name = { type: 'string', minLength: 1 } as const;
const count = { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 } as const;

const inputGroup = {
	type: 'object',
	required: ['name', 'size', 'kind', 'spike_times'],
	additionalProperties: false,
	properties: {
		name,
		size: { ...count, minimum: 1 },
		kind: { const: 'input' },
		spike_times: { type: 'array', items: { type: 'array', items: { type: 'integer', minimum: 1 } } },
	},
} as const;

const lifGroup = {
	type: 'object',
	required: ['name', 'size', 'kind', 'threshold'],
	additionalProperties: false,
	properties: {
		name,
		size: { ...count, minimum: 1 },
		kind: { const: 'lif' },
		threshold: { type: 'number' },
		reverse_threshold: { type: 'number' },
		leak_decay: { type: 'number' },
		input_decay: { type: 'number' },
		reset_mode: { enum: ['hard', 'soft', 'none'] },
		reset: { type: 'number' },
		reverse_reset_mode: { enum: ['hard', 'soft', 'saturate', 'none'] },
		reverse_reset: { type: 'number' },
		refractory_delay: count,
		force_update: { type: 'boolean' },
		synapse_unit: name,
		bias: { anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' } }] },
	},
} as const;

export const networkSchema = {
	$id: 'urn:snn-energy:explicit-network:1',
	type: 'object',
	required: ['timesteps', 'groups', 'edges', 'mappings'],
	properties: {
		name,
		timesteps: { ...count, minimum: 1 },
		groups: {
			type: 'array',
			minItems: 1,
			items: {
				// One after the other, so that an unknown kind is reported as such.
				allOf: [
					{ type: 'object', required: ['kind'], properties: { kind: { enum: ['input', 'lif'] } } },
					{
						if: { properties: { kind: { const: 'input' } } },
						// biome-ignore lint/suspicious/noThenProperty: "then" is a JSON Schema keyword; the object is never awaited.
						then: inputGroup,
						else: lifGroup,
					},
				],
			},
		},
		edges: {
			type: 'array',
			items: {
				type: 'object',
				required: ['pre', 'post', 'list'],
				additionalProperties: false,
				properties: { pre: name, post: name, list: {} },
			},
		},
		mappings: {
			type: 'object',
			minProperties: 1,
			additionalProperties: {
				type: 'array',
				items: {
					type: 'array',
					minItems: 4,
					maxItems: 4,
					items: [name, count, count, { type: 'string', pattern: '^\\d{1,7}\\.\\d{1,7}$' }],
				},
			},
		},
	},
} as const;
