import { Ajv, type ValidateFunction } from 'ajv';
import { UserError } from '../../errors.ts';
import { lookUp } from '../profile/table.ts';
import type { Constant, Profile } from '../profile/types.ts';
import { type Dimension, dimensionless, energy, information, sameDimension, time } from '../profile/units.ts';
import { type Amount, type ChipSection, chipSectionSchema, type EventSection } from './chip-section.ts';
import * as messages from './messages.ts';
import type { ChipParameters, EventCost } from './parameters.ts';

/** Compiling a schema takes longer than pricing a network. */
let compiled: ValidateFunction<ChipSection> | null = null;

const power: Dimension = energy.map((exponent, index) => exponent - (time[index] ?? 0));

/**
 * The many-core chip a profile describes: its `chip` section with every constant's nominal value filled in.
 * What the section leaves out costs nothing and limits nothing.
 *
 * @throws UserError if the profile has no such section, or a role names a constant that is missing or of
 *   another unit than the role needs
 */
export function chipParameters(profile: Profile): ChipParameters {
	const section = checked(profile);
	const read = reader(profile);
	const event = (role: string, record: EventSection | undefined): EventCost => ({
		energyJoules: read(`${role}.energy`, record?.energy, energy, 'an energy') ?? 0,
		latencySeconds: read(`${role}.latency`, record?.latency, time, 'a time') ?? 0,
	});
	const limit = (name: keyof NonNullable<ChipSection['limits']>): number | null =>
		read(`limits.${name}`, section.limits?.[name], dimensionless, 'a plain number');
	return {
		name: profile.name,
		mesh: section.mesh,
		limits: {
			neurons: limit('neurons'),
			synapticBytes: bytes(read('limits.synapticMemory', section.limits?.synapticMemory, information, 'a size such as 128 KiB')),
			fanIn: limit('fanIn'),
			axonsIn: limit('axonsIn'),
			axonsOut: limit('axonsOut'),
		},
		weightBits: read('weightWidth', section.weightWidth, information, 'a width in bits') ?? 8,
		neuronBits: read('neuronWidth', section.neuronWidth, information, 'a width in bits') ?? 0,
		linkBufferMessages: section.linkBufferMessages ?? 1,
		neuronAccess: event('neuronAccess', section.neuronAccess),
		neuronUpdate: event('neuronUpdate', section.neuronUpdate),
		neuronSpike: event('neuronSpike', section.neuronSpike),
		axonOut: event('axonOut', section.axonOut),
		axonIn: event('axonIn', section.axonIn),
		synapses: Object.entries(section.synapses).map(([name, record]) => ({
			names: [name, ...(record.alsoCalled ?? [])],
			...event(`synapses.${name}`, record),
		})),
		hop: {
			east: event('hop.east', section.hop?.east),
			west: event('hop.west', section.hop?.west),
			north: event('hop.north', section.hop?.north),
			south: event('hop.south', section.hop?.south),
		},
		barrier: barrierOf(profile, section.barrier, section.mesh),
		tickSeconds: read('tick', section.tick, time, 'a time') ?? 0,
		staticWattsPerCore: read('staticPower.core', section.staticPower?.core, power, 'a power') ?? 0,
		staticWatts: read('staticPower.chip', section.staticPower?.chip, power, 'a power') ?? 0,
	};
}

function checked(profile: Profile): ChipSection {
	if (profile.chip === undefined || profile.chip === null) throw new UserError(messages.noChipSection(profile.name));
	compiled ??= new Ajv({ strict: false }).compile<ChipSection>(chipSectionSchema);
	const validate = compiled;
	if (validate(profile.chip)) return profile.chip;
	const error = validate.errors?.[0];
	const extra = error?.keyword === 'additionalProperties' ? ` "${error.params.additionalProperty}"` : '';
	const place = ['chip', ...(error?.instancePath.split('/').slice(1) ?? [])].join('.');
	throw new UserError(messages.badChipSection(fileOf(profile), place, `${error?.message ?? 'is not valid'}${extra}`));
}

type Reader = (role: string, named: Amount | undefined, dimension: Dimension, expected: string) => number | null;

/** Reads the nominal value of the constant that fills a role, in SI units (bits for information). */
function reader(profile: Profile): Reader {
	return (role, named, dimension, expected) => {
		if (named === undefined) return null;
		if (typeof named === 'number') return named;
		const constant = constantOf(profile, role, named);
		if (constant.table !== null) throw new UserError(messages.tableInRole(fileOf(profile), role, named));
		if (!sameDimension(constant.dimension, dimension)) {
			throw new UserError(messages.wrongRoleUnit(fileOf(profile), role, named, constant.unit, expected));
		}
		return constant.value.nominal;
	};
}

/** The barrier's table written out: an entry wherever another tile in use changes it. */
function barrierOf(profile: Profile, named: string | undefined, mesh: ChipSection['mesh']): ChipParameters['barrier'] {
	if (named === undefined) return [];
	const constant = constantOf(profile, 'barrier', named);
	if (!sameDimension(constant.dimension, time)) {
		throw new UserError(
			messages.wrongRoleUnit(fileOf(profile), 'barrier', named, constant.unit, 'a time, or a table of times by tiles'),
		);
	}
	const { table } = constant;
	const { nominal } = constant.value;
	if (table === null) return [{ tiles: 0, latencySeconds: nominal }];
	const entries: { tiles: number; latencySeconds: number }[] = [];
	const most = Math.min(table.keys.at(-1) ?? 0, mesh.width * mesh.height);
	for (let tiles = 1; tiles <= most; tiles++) {
		const latencySeconds = lookUp(table, tiles) * nominal;
		if (latencySeconds !== entries.at(-1)?.latencySeconds) entries.push({ tiles, latencySeconds });
	}
	return entries;
}

function constantOf(profile: Profile, role: string, name: string): Constant {
	const constant = profile.constants.get(name);
	if (constant === undefined) {
		throw new UserError(messages.missingConstant(fileOf(profile), role, name, [...profile.constants.keys()]));
	}
	return constant;
}

function bytes(bits: number | null): number | null {
	return bits === null ? null : bits / 8;
}

function fileOf(profile: Profile): string {
	return profile.files[0] ?? profile.name;
}
