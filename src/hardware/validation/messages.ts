import { nearestNames } from '../../nearest.ts';

/** Every sentence validation can say to a user. */

export function unreadableFolder(path: string, reason: string): string {
	return `${path}: cannot be read (${reason}). Give --cases a folder of case files; docs/scorecard.md describes them.`;
}

export function noCases(folder: string): string {
	return `${folder}: holds no case files (*.yaml, *.yml or *.case.json). docs/scorecard.md describes them.`;
}

export function invalidCase(path: string, place: string, problem: string): string {
	return `${path}: ${place === '' ? 'the case' : place} ${problem}. docs/scorecard.md describes the format.`;
}

export function unknownKind(path: string, found: string | null, known: readonly string[]): string {
	const was = found === null ? 'no kind is given' : `the kind "${found.slice(0, 40)}" is unknown`;
	return `${path}: ${was}; a case is one of ${known.join(', ')}.`;
}

export function badPublishedValue(path: string, place: string, text: string, expected: string): string {
	return `${path}: ${place} is "${text}"; expected ${expected}, such as ${examples[expected] ?? '1.33 mJ'}.`;
}

const examples: Readonly<Record<string, string>> = { 'a power': '71 mW', 'a time': '3 ms', 'a rate': '1249 Hz' };

export function unknownTerm(path: string, place: string, term: string, known: readonly string[]): string {
	return `${path}: ${place} names the term "${term}", which the profile does not price; it prices ${known.join(', ')}.`;
}

export function noLatency(path: string, place: string, profile: string): string {
	return `${path}: ${place} compares power or time, but profile "${profile}" prices no latency.`;
}

export function wrongRateCount(path: string, network: string, found: number, expected: number): string {
	return `${path}: network "${network}" has ${expected} layers of neurons, but ${found} rates are given.`;
}

export function badReference(path: string, reason: string): string {
	return `${path}: is not a reference run (${reason}); expected the JSON with models and per_timestep that docs/scorecard.md describes.`;
}

export function unknownEvent(path: string, event: string): string {
	return `${path}: "${event}" is not the name of an event; docs/profiles.md lists them.`;
}

export function notToBeFitted(path: string, name: string, profile: string): string {
	return `${path}: fit names "${name}", which is not a constant of profile "${profile}" with a value of its own (tables and formulas cannot be fitted).`;
}

export function cannotFit(path: string, name: string, constants: readonly string[]): string {
	return `${path}: the other rows of "${name}" cannot tell the constants ${constants.join(', ')} apart; fit fewer, or group fewer rows.`;
}

export function noSuchCase(wanted: string, known: readonly string[]): string {
	const parts = [...new Set(known.flatMap((name) => [name, ...name.split('-')]))];
	const near = nearestNames(wanted, parts);
	return `No case has a name with "${wanted}" in it. ${near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The cases are ${known.join(', ')}.`}`;
}

export function outsideTolerance(count: number, total: number): string {
	return `${count} of ${total} reference values left the stated tolerance; they are marked "out" in the table.`;
}
