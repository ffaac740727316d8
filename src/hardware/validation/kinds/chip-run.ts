import { dirname, resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { readInputText } from '../../../inputs.ts';
import { parseJson } from '../../../json.ts';
import { chipParameters } from '../../chip/chip-profile.ts';
import { simulateChip } from '../../chip/explicit.ts';
import { readNetworkFile } from '../../chip/network-file.ts';
import type { ChipRun } from '../../chip/run.ts';
import { loadProfile } from '../../profile/load.ts';
import type { ChipRunCase } from '../case.ts';
import * as messages from '../messages.ts';
import type { Comparison } from '../result.ts';

/** The columns of another simulator's run that are compared. */
interface Reference {
	readonly models: Readonly<Record<'simple' | 'detailed', { readonly latency_s: readonly number[] }>>;
	readonly per_timestep: Readonly<Record<string, readonly number[]>>;
}

const counters = ['fired', 'updated', 'packets', 'hops', 'spikes'] as const;

/**
 * Runs every network and compares timestep by timestep: the largest difference of a counter, the largest relative
 * error of the energy and of both latencies, each shown as the worst timestep's pair of values.
 */
export function compareChipRuns(content: ChipRunCase, path: string): readonly Comparison[] {
	const chip = chipParameters(loadProfile(content.profile));
	return content.runs.flatMap((run): Comparison[] => {
		const networkFile = resolve(dirname(path), run.network);
		const reference = readReference(resolve(dirname(path), run.reference));
		const network = readNetworkFile(networkFile);
		const options = { strict: false, file: networkFile } as const;
		const simple = simulateChip(network, run.mapping, chip, { ...options, timing: 'simple' });
		const detailed = simulateChip(network, run.mapping, chip, { ...options, timing: 'detailed' });
		const title = `${network.name} on ${run.mapping}`;
		const column = (result: ChipRun, pick: (step: ChipRun['perTimestep'][number]) => number) => result.perTimestep.map(pick);
		const { tolerances } = content;
		return [
			sumOfCounters(title, simple, reference, tolerances.counts),
			worst(
				title,
				'energy',
				'J',
				column(simple, ({ energyJoules }) => energyJoules),
				reference.per_timestep.total_energy,
				tolerances.energy,
			),
			worst(
				title,
				'simple latency',
				's',
				column(simple, ({ latencySeconds }) => latencySeconds),
				reference.models.simple.latency_s,
				tolerances.simple,
			),
			worst(
				title,
				'detailed latency',
				's',
				column(detailed, ({ latencySeconds }) => latencySeconds),
				reference.models.detailed.latency_s,
				tolerances.detailed,
			),
		];
	});
}

/** The counter and timestep that differ most; the totals of all counters when none does. */
function sumOfCounters(subject: string, run: ChipRun, reference: Reference, tolerance: number): Comparison {
	let found: Comparison | null = null;
	let [ours, theirs, largest] = [0, 0, 0];
	for (const counter of counters) {
		const expected = reference.per_timestep[counter] ?? [];
		for (const [index, step] of run.perTimestep.entries()) {
			const mine = counter === 'spikes' ? step.synapticEvents : step[counter];
			const other = expected[index] ?? Number.NaN;
			ours += mine;
			theirs += other;
			if (!(Math.abs(mine - other) > largest)) continue;
			largest = Math.abs(mine - other);
			found = {
				subject,
				quantity: `${counter} at timestep ${step.timestep}`,
				unit: '',
				ours: mine,
				theirs: other,
				tolerance,
				note: null,
			};
		}
	}
	return found ?? { subject, quantity: 'counters, all timesteps', unit: '', ours, theirs, tolerance, note: null };
}

function worst(
	subject: string,
	quantity: string,
	unit: string,
	ours: readonly number[],
	theirs: readonly number[] | undefined,
	tolerance: number,
): Comparison {
	let at = 0;
	let largest = -1;
	for (const [index, value] of ours.entries()) {
		const other = theirs?.[index] ?? 0;
		const error = value === other ? 0 : Math.abs(value - other) / Math.abs(other);
		if (error > largest) [at, largest] = [index, error];
	}
	return {
		subject,
		quantity: `${quantity}, worst of ${ours.length} timesteps`,
		unit,
		ours: ours[at] ?? 0,
		theirs: theirs?.[at] ?? 0,
		tolerance,
		note: null,
	};
}

function readReference(path: string): Reference {
	let value: unknown;
	try {
		value = parseJson(readInputText(path));
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(messages.badReference(path, cause instanceof Error ? cause.message : String(cause)), { cause });
	}
	const record = value as Partial<Reference> | null;
	const columns = [...counters, 'total_energy'].every((name) => isNumbers(record?.per_timestep?.[name]));
	const latencies = (['simple', 'detailed'] as const).every((name) => isNumbers(record?.models?.[name]?.latency_s));
	if (!columns || !latencies) throw new UserError(messages.badReference(path, 'columns are missing'));
	return record as Reference;
}

function isNumbers(value: unknown): boolean {
	return Array.isArray(value) && value.every((entry) => typeof entry === 'number' && Number.isFinite(entry));
}
