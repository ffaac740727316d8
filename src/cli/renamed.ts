import { shellWord } from '../jobs/sweep.ts';

/** Verbs of earlier versions and the words that stand for each now; what was typed after the verb follows the first of them. */
const formerVerbs: Readonly<Record<string, { readonly verb: string; readonly options?: string }>> = {
	price: { verb: 'analyze' },
	accountings: { verb: 'explain', options: '--by conventions' },
	sensitivity: { verb: 'explain', options: '--by constants' },
	'break-even': { verb: 'explain', options: '--by break-even' },
	memory: { verb: 'explain', options: '--by memory' },
	fit: { verb: 'chip' },
	plot: { verb: 'report', options: '--figure all' },
	diff: { verb: 'compare', options: '--layers' },
	sweep: { verb: 'batch plan' },
	merge: { verb: 'batch merge' },
	tables: { verb: 'report', options: '--tables FOLDER' },
};

/** What a command line of an earlier version is called now; null where its verb is none of those. */
export function renamed(argv: readonly string[]): { readonly former: string; readonly now: readonly string[] } | null {
	const [former = '', ...rest] = argv;
	const now = Object.hasOwn(formerVerbs, former) ? formerVerbs[former] : undefined;
	if (now === undefined) return null;
	return { former, now: [...now.verb.split(' '), ...rest, ...(now.options?.split(' ') ?? [])] };
}

/** The sentence that answers such a command line. */
export const renamedSentence = (program: string, { former, now }: NonNullable<ReturnType<typeof renamed>>): string =>
	`"${former}" is part of "${now[0]}" now. Use: ${[program, ...now].map(shellWord).join(' ')}`;
