/**
 * What is wrong with a result as a whole, so that it stands before the numbers:
 * - `not-understood`: a part of the graph was not booked, or its values are not what was taken of it; counts may leave it out
 * - `no-numbers`: NaN or infinity inside the network
 * - `dead`: a layer whose spikes are needed never fires on any sample
 * - `no-answer`: class scores say nothing: equal for all classes, or for all samples
 * - `doubtful`: a rule was followed that may not be what is meant
 * - `random-input`: the numbers are of random input, and nobody said that its firing rates stand for those of real data
 * - `varies`: counts differ from run to run, or with the batch
 * - `saturated`: every neuron of a layer fires at every timestep
 */
export type FindingKind =
	| 'not-understood'
	| 'no-numbers'
	| 'dead'
	| 'no-answer'
	| 'doubtful'
	| 'random-input'
	| 'varies'
	| 'saturated';

/** One thing the balance found: what kind it is, what it is about, and the sentence a report prints for it. */
export interface Finding {
	readonly kind: FindingKind;
	/** The layer, node or output it is about. */
	readonly subject: string;
	readonly sentence: string;
}

/** What was looked at, and what was found. */
export interface Balance {
	/** Sentences that stand before the numbers, the gravest first; none where nothing was found. */
	readonly headlines: readonly string[];
	/** Layers of the network, with those that were not understood. */
	readonly layers: number;
	readonly findings: readonly Finding[];
}

/** Findings with which a comparison with a DNN would mean nothing. */
const withholding: ReadonlySet<FindingKind> = new Set(['not-understood', 'no-numbers', 'dead', 'random-input']);

/** Whether a ratio to a DNN may be formed; results of earlier versions hold no balance and say nothing against it. */
export const comparable = (balance: Balance | undefined): boolean =>
	balance?.findings.every(({ kind }) => !withholding.has(kind)) ?? true;

/** @param layers  of the network, with those that were not understood */
export function balanceFrom(layers: number, findings: readonly Finding[]): Balance {
	const once = distinct(findings);
	return { headlines: headlines(layers, once), layers, findings: once };
}

/** Findings of one kind and subject count once. */
export function distinct(findings: readonly Finding[]): Finding[] {
	const seen = new Map<string, Finding>();
	for (const finding of findings) {
		const key = `${finding.kind}\n${finding.subject}`;
		if (!seen.has(key)) seen.set(key, finding);
	}
	return [...seen.values()];
}

const mostNamed = 4;

function named(findings: readonly Finding[]): string {
	const names = [...new Set(findings.map(({ subject }) => `"${subject}"`))];
	const shown = names.slice(0, mostNamed).join(', ');
	return names.length > mostNamed ? `${shown} and ${names.length - mostNamed} more` : shown;
}

/**
 * The sentences that stand before the numbers, the gravest first.
 *
 * @returns none for a balance without findings
 */
function headlines(layers: number, findings: readonly Finding[]): string[] {
	const of = (kind: FindingKind): readonly Finding[] => findings.filter((finding) => finding.kind === kind);
	const grave: string[] = [];
	const unbooked = of('not-understood');
	const count = new Set(unbooked.map(({ subject }) => subject)).size;
	if (count > 0)
		grave.push(
			`${count} of ${layers} layers ${count === 1 ? 'is' : 'are'} not understood: ${named(unbooked)}. The counts may leave out or misread what ${count === 1 ? 'it does' : 'they do'}.`,
		);
	const broken = of('no-numbers');
	if (broken.length > 0) grave.push(`The network computes NaN or infinity in ${named(broken)}: its counts mean nothing.`);
	const dead = of('dead');
	if (dead.length > 0)
		grave.push(
			`The network is dead: ${named(dead)} never ${dead.length === 1 ? 'fires' : 'fire'} on any sample. Its energy is that of a network that computes nothing.`,
		);
	const sentences = grave.map((sentence, at) => (at === grave.length - 1 ? `${sentence} No ratio to a DNN is given.` : sentence));
	for (const { sentence } of [...of('random-input'), ...of('no-answer'), ...of('doubtful'), ...of('varies'), ...of('saturated')])
		sentences.push(sentence);
	return sentences;
}
