import { oncePer } from '../once-per.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import type { NetworkEvents } from './events.ts';
import type { Corner } from './interval.ts';
import type { Program } from './program.ts';

/** Evaluates a program on events at a corner; asked again for the same three, it answers from memory. */
export const evaluateOnce = (program: Program, events: NetworkEvents, corner: Corner): Evaluation =>
	evaluations(program)(events)(corner);

const evaluations = oncePer((program: Program) =>
	oncePer((events: NetworkEvents) => {
		const known = new Map<string, Evaluation>();
		return (corner: Corner): Evaluation => {
			const key = corner.join();
			const found = known.get(key) ?? evaluate(program, events, corner);
			known.set(key, found);
			return found;
		};
	}),
);

/** Joules and seconds of one inference. */
type Totals = Pick<Evaluation, 'energyJoules' | 'latencySeconds'>;

/** What each constant does alone: the totals with it at the low and at the high end of its interval, the others at their nominal values. */
export const sweepOf = (program: Program, events: NetworkEvents): readonly (readonly [Totals, Totals])[] =>
	sweeps(program)(events);

/** Sweeps of programs that stand in for others' own. */
const lent = new WeakMap<Program, Program>();

/**
 * Lets a program take the directions in which its constants move a total from another that differs by some of their values:
 * its corners are then found without a sweep of its own, and are right as long as no direction turns round. For a slider in
 * motion; whoever wants the exact interval asks a program that borrowed nothing.
 */
export function borrowDirections(from: Program, to: Program): void {
	if (from !== to) lent.set(to, from);
}

const sweeps = oncePer((program: Program) => {
	const from = lent.get(program);
	if (!from) return ownSweeps(program);
	return oncePer((events: NetworkEvents) => {
		const ends = ownSweeps(from)(events);
		// A constant that was computed there was set here, and moves no more.
		return program.given.map((name) => ends[from.given.indexOf(name)] ?? still);
	});
});

const nothing: Totals = { energyJoules: 0, latencySeconds: 0 };
const still = [nothing, nothing] as const;

const ownSweeps = oncePer((program: Program) =>
	oncePer((events: NetworkEvents): (readonly [Totals, Totals])[] => {
		const probe = nominalCorner(program);
		const nominal = evaluateOnce(program, events, probe);
		return program.intervals.map((interval, index) => {
			if (interval.low === interval.high || !program.moves[index]) return [nominal, nominal];
			const at = (value: number): Totals => {
				probe[index] = value;
				const { energyJoules, latencySeconds } = evaluate(program, events, probe);
				probe[index] = interval.nominal;
				return { energyJoules, latencySeconds };
			};
			return [at(interval.low), at(interval.high)];
		});
	}),
);

export const nominalCorner = ({ intervals }: Program): Corner => Float64Array.from(intervals, ({ nominal }) => nominal);
