import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { breakEven, compareAccountings, loadProfile, memoryStudy, type Profile, sensitivity, sweep } from '../hardware/index.ts';
import { badDensity, badSweep, noDataflows, noMemoryModel, notARun } from '../hardware/messages.ts';
import { comparable } from '../network/findings.ts';
import { dataflowsOf } from '../pricing.ts';
import { describeAccountings } from '../reporting/accountings-document.ts';
import { describeBreakEven } from '../reporting/break-even-document.ts';
import { describeDataflows } from '../reporting/dataflows-document.ts';
import { buildAnalysis } from '../reporting/index.ts';
import { describeMemory } from '../reporting/memory-document.ts';
import { type Printable, withCautions } from '../reporting/printable.ts';
import { describeSensitivity, describeSweep } from '../reporting/sensitivity-document.ts';
import { cautionsOf } from '../reporting/sentences.ts';
import { accountingsOf } from './accountings.ts';
import type { ExplainArguments, Explanation } from './explain-arguments.ts';
import { explanations } from './explain-arguments.ts';
import * as messages from './messages.ts';
import { runOf } from './run-of.ts';
import { readSavedRun } from './saved-run.ts';

type Explain = (activity: Activity, profile: Profile) => Printable;

/** Priced where no profile is named: arithmetic alone has neither traffic nor an order of computing. */
const profileWithout: Readonly<Record<Explanation, string>> = {
	constants: '45nm',
	conventions: '45nm',
	'break-even': '45nm',
	memory: '45nm-memory',
	dataflows: '45nm-memory',
};

/**
 * A run explained in the ways asked for; without --by in every way its profile can answer, the first part of each.
 *
 * @throws UserError before the run where an option is wrong
 */
export async function explained(values: ExplainArguments): Promise<Printable> {
	const asked = explanationsOf(values.by);
	const [wanted, several] = asked === null ? [explanations, true] : [asked, asked.length > 1];
	if (several && values.format === 'csv') throw new UserError(messages.oneTableAsCsv(explanations), { exitCode: 2 });
	const { profile: named = [], set } = values;
	if (named.length > 1) throw new UserError(messages.oneProfile(named), { exitCode: 2 });
	const profiles = new Map(wanted.map((one) => [one, loadProfile(named[0] ?? profileWithout[one], { set })]));
	const explain = explainers(values);
	for (const name of asked ?? []) if (name === 'memory') requireMemory(profiles.get(name) as Profile);

	const activity = await runOf(values.run, values);
	const parts: { readonly name: Explanation; readonly part: Printable }[] = [];
	const missing: string[] = [];
	for (const name of wanted) {
		try {
			parts.push({ name, part: explain[name](activity, profiles.get(name) as Profile) });
		} catch (error) {
			if (asked !== null || !(error instanceof UserError)) throw error;
			missing.push(`${name}: ${error.message}`);
		}
	}
	const [only] = parts;
	const result = only !== undefined && !several ? only.part : together(values.run, parts, missing);
	return withCautions(result, cautionsOf(buildAnalysis(activity, [])));
}

function explanationsOf(option: string | undefined): readonly Explanation[] | null {
	if (option === undefined || option === 'all') return null;
	// Names were checked when the command line was read.
	return option
		.split(',')
		.map((name) => name.trim() as Explanation)
		.filter((name) => explanations.includes(name));
}

function explainers(values: ExplainArguments): Readonly<Record<Explanation, Explain>> {
	const variable = values.sweep === undefined ? null : parseSweep(values.sweep);
	const names = accountingsOf(values.accounting);
	const { density, dnn, run } = values;
	if (!(density >= 0 && density <= 1)) throw new UserError(badDensity(density), { exitCode: 2 });
	const twin = dnn === undefined ? undefined : readSavedRun(dnn);
	if (twin === null) throw new UserError(notARun(dnn ?? ''));
	return {
		constants: (activity, profile) =>
			variable
				? describeSweep(sweep(activity, profile, variable.name, variable.values))
				: describeSensitivity(sensitivity(activity, profile, values.quantity)),
		conventions: (activity, profile) => describeAccountings(compareAccountings(activity, profile, names)),
		'break-even': (activity, profile) => {
			if (!comparable(activity.balance)) throw new UserError(messages.notComparable(run, activity.balance?.headlines ?? []));
			return describeBreakEven(breakEven(activity, profile, { density, ...(twin ? { twin } : {}) }));
		},
		memory: (activity, profile) => {
			const study = memoryStudy(activity, profile);
			if (!study) throw new UserError(noMemoryModel(profile.name));
			return describeMemory(study);
		},
		dataflows: (activity, profile) => {
			const study = dataflowsOf(activity, profile, values.set);
			if (!study) throw new UserError(noDataflows(profile.name));
			return describeDataflows(study);
		},
	};
}

function requireMemory(profile: Profile): void {
	if (!profile.memory) throw new UserError(noMemoryModel(profile.name));
}

function parseSweep(text: string): { readonly name: string; readonly values: readonly string[] } {
	const match = /^([A-Za-z][A-Za-z0-9_]*)=(.+)$/.exec(text);
	const values = match?.[2]?.split(',').map((value) => value.trim()) ?? [];
	if (match && values.length <= 1000 && values.every((value) => value !== '')) return { name: match[1] ?? '', values };
	throw new UserError(badSweep(text), { exitCode: 2 });
}

/** Sections of a part that stand in an overview, without their lists of sentences; --by shows all of it. */
const sectionsInOverview = 2;

function together(
	run: string,
	parts: readonly { readonly name: Explanation; readonly part: Printable }[],
	missing: readonly string[],
): Printable {
	const [first] = parts;
	if (first === undefined) throw new UserError(missing.join(' '));
	const sections = parts.map(({ part: { document } }) => ({
		heading: document.title,
		blocks: document.sections
			.slice(0, sectionsInOverview)
			.flatMap(({ blocks }) => blocks)
			.filter(({ kind }) => kind !== 'list'),
	}));
	const overview = { heading: 'Overview', blocks: [{ kind: 'paragraph', text: messages.overview(explanations) } as const] };
	const left = missing.length === 0 ? [] : [{ heading: 'Not explained', blocks: [{ kind: 'list', items: missing } as const] }];
	return {
		record: Object.fromEntries(parts.map(({ name, part }) => [name, part.record])),
		table: first.part.table,
		document: { title: run, sections: [overview, ...sections, ...left] },
	};
}
