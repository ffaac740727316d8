/** The known names closest to what was typed: within a third of its length in edits, best first. */
export const nearestNames = (typed: string, known: readonly string[], most = 3): string[] =>
	within((length) => Math.floor(length / 3), typed, known, most);

/** The same where one of a few names was meant for certain: half the length, or a part of a name, such as "tex" for latex. */
export function nearestChoices(typed: string, known: readonly string[]): string[] {
	const near = within((length) => Math.ceil(length / 2), typed, known, 3);
	const holding = known.filter((choice) => typed.length > 1 && choice.includes(typed.toLowerCase()));
	return holding.length > 0 ? holding : near;
}

function within(edits: (length: number) => number, typed: string, known: readonly string[], most: number): string[] {
	if (typed.length > 100) return [];
	const wanted = typed.toLowerCase();
	return known
		.map((name) => ({ name, distance: distance(wanted, name.toLowerCase()) }))
		.filter(({ name, distance }) => distance <= Math.max(1, edits(Math.max(wanted.length, name.length))))
		.sort((left, right) => left.distance - right.distance || left.name.localeCompare(right.name, 'en'))
		.slice(0, most)
		.map(({ name }) => name);
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function distance(left: string, right: string): number {
	let previous: number[] = [];
	let row = Array.from({ length: right.length + 1 }, (_, column) => column);
	for (let i = 1; i <= left.length; i++) {
		const next = [i];
		for (let j = 1; j <= right.length; j++) {
			const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
			let best = Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
			const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
			if (i > 1 && j > 1 && swapped) best = Math.min(best, (previous[j - 2] ?? 0) + 1);
			next.push(best);
		}
		previous = row;
		row = next;
	}
	return row[right.length] ?? 0;
}
