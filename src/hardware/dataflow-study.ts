import type { Activity } from '../activity/activity.ts';
import { comparable } from '../network/findings.ts';
import { denseEvents } from './dense.ts';
import type { Interval } from './estimate.ts';
import { collapseTimesteps, eventsOf, type NetworkEvents } from './events.ts';
import { cornersOfEnds, intervalOf } from './interval.ts';
import { withDataflow } from './profile/dataflow.ts';
import type { Profile } from './profile/types.ts';
import { type Program, programOf } from './program.ts';
import { int8Dense, matched, type Pricing } from './rivals.ts';
import { evaluateOnce, nominalCorner, sweepOf } from './sweep.ts';

/** Spiking network and DNN on one machine computing in one order; joules per inference. */
export interface DataflowRow {
	readonly dataflow: string;
	readonly title: string;
	readonly snnEnergyJoules: Interval;
	/** Null for hardware that cannot run the DNN baseline. */
	readonly dnnEnergyJoules: Interval | null;
	/** DNN ÷ SNN, both in this dataflow, at the nominal constants. */
	readonly ratio: number | null;
	/** The DNN in the dataflow that suits it best ÷ the spiking network in this one; constants both use have one value. */
	readonly ratioToBest: Interval | null;
	/** DNN of 8-bit integers in this dataflow, nominal; null if the profile cannot price it. */
	readonly int8EnergyJoules: number | null;
	/** DNN of ⌈log2(T + 1)⌉ bits that skips zeros, in this dataflow, ÷ SNN, nominal; null if the profile cannot price it. */
	readonly ratioToMatched: number | null;
}

/** How far energy and ratio move when only the order of computing changes. */
export interface DataflowStudy {
	/** The profile whose figure the band stands beside. */
	readonly profile: string;
	/** The profile whose dataflows and memory prices are used: the same, or its companion with memory. */
	readonly memoryProfile: string;
	/** The dataflow in which the DNN costs least; null where there is no DNN. */
	readonly bestForDnn: string | null;
	readonly rows: readonly DataflowRow[];
	/** Least and most of the rows' nominal energies. */
	readonly energyJoules: { readonly low: number; readonly high: number };
	/** Least and most of the nominal `ratioToBest`. */
	readonly ratio: { readonly low: number; readonly high: number } | null;
}

/**
 * The same counts under every dataflow of a profile. The band of the ratio holds the spiking network in each of them
 * against the DNN in the one that suits it best: who builds a DNN accelerator may choose as well.
 *
 * @param name     profile whose figure the band belongs to
 * @param profile  profile with dataflows
 * @returns null if the profile has no dataflows
 */
export function dataflowStudy(activity: Activity, name: string, profile: Profile): DataflowStudy | null {
	if (profile.dataflows.length === 0) return null;
	const events = eventsOf(activity);
	const programs = profile.dataflows.map((flow) => ({
		flow,
		program: programOf(withDataflow(profile, flow.name)),
	}));
	// Where counts cannot be trusted no DNN is set against them.
	const supported = profile.dense.unsupported === null && comparable(activity.balance);
	const dense = denseEvents(events);
	const collapsed = collapseTimesteps(events);
	const priced = programs.map(({ flow, program }) => ({
		flow,
		program,
		snn: priceable(program, events, collapsed),
		dnn: supported ? priceable(program, dense, dense) : null,
		int8: supported ? int8Dense(program, events) : null,
		matched: supported ? matched(program, events) : null,
	}));
	const best = supported
		? priced.reduce((least, row) =>
				(row.dnn?.whole(nominalCorner(row.program)) ?? 0) < (least.dnn?.whole(nominalCorner(least.program)) ?? 0) ? row : least,
			)
		: null;
	const rows = priced.map(({ flow, program, snn, dnn, int8, matched }): DataflowRow => {
		const corner = nominalCorner(program);
		const energy = snn.whole(corner);
		const over = (rival: Pricing | null | undefined): number | null => (rival && energy > 0 ? rival(corner) / energy : null);
		return {
			dataflow: flow.name,
			title: flow.title,
			snnEnergyJoules: range(program, snn),
			dnnEnergyJoules: dnn && range(program, dnn),
			ratio: over(dnn?.whole),
			ratioToBest: best?.dnn ? range(program, quotient(best.dnn, snn)) : null,
			int8EnergyJoules: int8?.(corner) ?? null,
			ratioToMatched: over(matched),
		};
	});
	const ends = (values: readonly number[]) => ({ low: Math.min(...values), high: Math.max(...values) });
	return {
		profile: name,
		memoryProfile: profile.name,
		bestForDnn: best?.flow.name ?? null,
		rows,
		energyJoules: ends(rows.map(({ snnEnergyJoules }) => snnEnergyJoules.nominal)),
		ratio: best ? ends(rows.map(({ ratioToBest }) => ratioToBest?.nominal ?? 0)) : null,
	};
}

/** A price of the whole run, and what it is at the ends of each constant, from a cheaper one that moves in the same direction. */
interface Priceable {
	readonly whole: Pricing;
	readonly end: (constant: number, side: 0 | 1) => number;
}

function priceable(program: Program, events: NetworkEvents, quick: NetworkEvents): Priceable {
	const ends = sweepOf(program, quick);
	return {
		whole: (corner) => evaluateOnce(program, events, corner).energyJoules,
		end: (constant, side) => ends[constant]?.[side].energyJoules ?? 0,
	};
}

function quotient(over: Priceable, under: Priceable): Priceable {
	const divide = (dividend: number, divisor: number): number => (divisor > 0 ? dividend / divisor : 0);
	return {
		whole: (corner) => divide(over.whole(corner), under.whole(corner)),
		end: (constant, side) => divide(over.end(constant, side), under.end(constant, side)),
	};
}

/** All programs of one profile have their constants in one order, so a corner of one is a corner of all. */
function range(program: Program, { whole, end }: Priceable): Interval {
	const { low, nominal, high } = cornersOfEnds(program.intervals, (constant) => [end(constant, 0), end(constant, 1)]);
	return intervalOf(whole(low), whole(nominal), whole(high));
}
