import { UserError } from '../../../errors.ts';
import type { NetworkEvents } from '../../events.ts';
import { loadProfile } from '../../profile/load.ts';
import type { Profile } from '../../profile/types.ts';
import type { LeaveOneOutCase, PointQuantity } from '../case.ts';
import { fitNonNegative } from '../least-squares.ts';
import * as messages from '../messages.ts';
import { eventsOfPoint, type Place, pricePoint, publishedValue, quantityOf, quantityUnits, quantityWords } from '../point.ts';
import { type Comparison, expected } from '../result.ts';

type Row = LeaveOneOutCase['rows'][number];
type Constants = ReadonlyMap<string, number>;

interface Run {
	readonly row: Row;
	readonly group: string;
	readonly profile: Profile;
	readonly events: NetworkEvents;
	readonly place: Place;
	/** Published values in SI units, in the order of the row. */
	readonly values: readonly number[];
}

/** Predicts every row from constants fitted to the rows of the other groups. */
export function compareLeaveOneOut(content: LeaveOneOutCase, path: string): readonly Comparison[] {
	const runs = runsOf(content, path);
	const fitted = new Map<string, Constants>();
	const constantsWithout = (group: string): Constants => {
		const known = fitted.get(group);
		if (known !== undefined) return known;
		const found = fitTo(
			content,
			runs.filter((run) => run.group !== group && run.row.fits !== false),
			path,
		);
		fitted.set(group, found);
		return found;
	};
	return runs.flatMap(({ row, group, profile, events, place, values }) => {
		if (row.judged === false) return [];
		const priced = pricePoint(events, profile, constantsWithout(group));
		return row.published.map(
			(published, index): Comparison => ({
				subject: '',
				quantity: `${quantityWords[published.quantity]}, ${row.name}`,
				unit: quantityUnits[published.quantity],
				ours: quantityOf(priced, published.quantity, row.terms, place),
				theirs: values[index] ?? null,
				...expected(published),
			}),
		);
	});
}

/** The constants a case names, fitted to all of its rows, in SI units: what the profile holds. */
export function fittedConstants(content: LeaveOneOutCase, path: string): Constants {
	const runs = runsOf(content, path).filter(({ row }) => row.fits !== false);
	return fitTo(content, runs, path);
}

function runsOf(content: LeaveOneOutCase, path: string): readonly Run[] {
	return content.rows.map((row): Run => {
		const profile = loadProfile(content.profile, { set: row.set ?? [] });
		const place: Place = { path, point: `row "${row.name}"`, profile: profile.name };
		for (const name of [...(content.fit.time ?? []), ...(content.fit.energy ?? [])]) {
			const constant = profile.constants.get(name);
			if (!constant || constant.table || constant.formula) throw new UserError(messages.notToBeFitted(path, name, profile.name));
		}
		return {
			row,
			group: row.group ?? row.name,
			profile,
			events: eventsOfPoint(row, content.name),
			place,
			values: row.published.map((published) => publishedValue(published, place)),
		};
	});
}

/** Constants of time first: power times time is then linear in the constants of energy. */
function fitTo({ fit: wanted, name }: LeaveOneOutCase, runs: readonly Run[], path: string): Constants {
	const times = fitSome(wanted.time ?? [], runs, isTime, new Map(), path, name);
	return fitSome(wanted.energy ?? [], runs, (quantity) => !isTime(quantity), times, path, name);
}

const isTime = (quantity: PointQuantity): boolean => quantity === 'latency' || quantity === 'throughput';

function fitSome(
	names: readonly string[],
	runs: readonly Run[],
	counts: (quantity: PointQuantity) => boolean,
	before: Constants,
	path: string,
	name: string,
): Constants {
	if (names.length === 0) return before;
	const rows: number[][] = [];
	const offsets: number[] = [];
	const targets: number[] = [];
	for (const { row, profile, events, place, values } of runs) {
		for (const [index, { quantity }] of row.published.entries()) {
			const value = values[index];
			if (!counts(quantity) || value === undefined) continue;
			// A rate is no sum of its constants; the time it stands for is.
			const asSum = quantity === 'throughput' ? 'latency' : quantity;
			const at = (constants: Constants): number => quantityOf(pricePoint(events, profile, constants), asSum, row.terms, place);
			const none = new Map([...before, ...names.map((each) => [each, 0] as const)]);
			const offset = at(none);
			// The unit of a probe does not matter where the quantity is a sum; the constant's own value keeps digits.
			const unit = (each: string): number => profile.constants.get(each)?.value.nominal || 1;
			rows.push(names.map((each) => (at(new Map([...none, [each, unit(each)]])) - offset) / unit(each)));
			offsets.push(offset);
			targets.push(quantity === 'throughput' ? batchOf(profile) / value : value);
		}
	}
	const found = rows.length < names.length ? null : fitNonNegative(rows, offsets, targets);
	if (found === null) throw new UserError(messages.cannotFit(path, name, names));
	return new Map([...before, ...names.map((each, index) => [each, found[index] ?? 0] as const)]);
}

const batchOf = (profile: Profile): number => profile.constants.get('batch')?.value.nominal ?? 1;
