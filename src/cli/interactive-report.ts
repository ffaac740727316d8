import { packageFolder } from '#platform/package';
import { interactivePage } from '../reporting/html/interactive.ts';
import type { Analysis } from '../reporting/index.ts';
import { pageFile } from '../serve/page-files.ts';

/** Results inside the page that prices them: the profile and accounting of the first estimate, and what was set. */
export function interactiveReport(analyses: readonly Analysis[], set: readonly string[]): string {
	const estimate = analyses[0]?.estimates[0];
	const page = new TextDecoder().decode(pageFile(packageFolder, 'interactive.html'));
	const changes = set.map((change) => {
		const at = change.indexOf('=');
		return [change.slice(0, at).trim(), change.slice(at + 1).trim()] as const;
	});
	return interactivePage(page, analyses, {
		profile: estimate?.profile ?? '45nm',
		set: Object.fromEntries(changes),
		accounting: estimate?.accounting ?? 'exact',
	});
}
