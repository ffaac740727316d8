import { join } from '#platform/paths';
import { UserError } from '../errors.ts';
import { readText } from '../input-text.ts';
import * as messages from './messages.ts';
import { evaluateFormulas } from './profile/computed-constants.ts';
import { shippedProfiles } from './profile/find.ts';
import type { Constant, Profile } from './profile/types.ts';

interface NodeCoefficients {
	readonly nanometres: number;
	readonly a: number;
	readonly b: number;
	readonly c: number;
	readonly supplyVolts: number;
}

let coefficients: readonly NodeCoefficients[] | undefined;

function nodes(): readonly NodeCoefficients[] {
	coefficients ??= (
		JSON.parse(readText(join(shippedProfiles, 'scaling', 'stillmaker-baas.json'))) as {
			nodes: readonly NodeCoefficients[];
		}
	).nodes;
	return coefficients;
}

/** Technology nodes with published coefficients, in nanometres, large to small. */
export const technologyNodes = (): readonly number[] => nodes().map(({ nanometres }) => nanometres);

/**
 * Relative energy of logic at a node and supply: a V² + b V + c (Stillmaker & Baas 2017), linear
 * between neighbouring nodes.
 *
 * @throws UserError outside 7 to 130 nm
 */
export function logicEnergy(nanometres: number, supplyVolts?: number): number {
	const known = nodes();
	const at = ({ a, b, c, supplyVolts: typical }: NodeCoefficients): number => {
		const volts = supplyVolts ?? typical;
		return a * volts ** 2 + b * volts + c;
	};
	const exact = known.find((node) => node.nanometres === nanometres);
	if (exact) return at(exact);
	const larger = known.findLast((node) => node.nanometres > nanometres);
	const smaller = known.find((node) => node.nanometres < nanometres);
	if (!larger || !smaller)
		throw new UserError(messages.unknownNode(nanometres, known.at(-1)?.nanometres ?? 0, known[0]?.nanometres ?? 0));
	const share = (nanometres - smaller.nanometres) / (larger.nanometres - smaller.nanometres);
	return at(smaller) + share * (at(larger) - at(smaller));
}

/**
 * The profile at another technology node: constants that scale as logic are multiplied by the ratio
 * of logic energies; SRAM, DRAM and everything else stay, because they do not follow logic.
 *
 * @throws UserError if the profile names no node, or no constant of it scales as logic
 */
export function scaleToNode(profile: Profile, nanometres: number, supplyVolts?: number): Profile {
	const from = /^(\d+(?:\.\d+)?) nm$/.exec(profile.technology.node ?? '');
	const scaled = [...profile.constants.values()].filter(({ scaling }) => scaling === 'logic');
	if (!from || scaled.length === 0) throw new UserError(messages.notScalable(profile.name));
	const supply = /^(\d+(?:\.\d+)?) V$/.exec(profile.technology.supply ?? '');
	const factor = logicEnergy(nanometres, supplyVolts) / logicEnergy(Number(from[1]), supply ? Number(supply[1]) : undefined);
	const constants = new Map<string, Constant>(
		[...profile.constants].map(([name, constant]) => {
			if (constant.scaling !== 'logic') return [name, constant] as const;
			const { low, nominal, high } = constant.value;
			return [
				name,
				{
					...constant,
					value: { low: low * factor, nominal: nominal * factor, high: high * factor },
					evidence: 'derived' as const,
				},
			] as const;
		}),
	);
	return {
		...profile,
		technology: { ...profile.technology, node: `${nanometres} nm` },
		constants: evaluateFormulas(constants),
		assumptions: [
			...profile.assumptions,
			{
				sentence: `Logic energies are scaled from ${from[1]} nm to ${nanometres} nm by ${Number(factor.toPrecision(3))} (Stillmaker and Baas 2017); memory prices are not scaled.`,
				change: null,
			},
		],
	};
}
