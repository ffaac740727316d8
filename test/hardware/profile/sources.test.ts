import { claimFormulas } from '../../../src/claims/formulas.ts';
import { accountingMethod, accountingNames } from '../../../src/hardware/accounting/accountings.ts';
import { listProfiles, loadProfile, type Profile } from '../../../src/hardware/index.ts';
import { sourceWords } from '../../../src/hardware/price.ts';
import { bibliographyOf } from '../../../src/reporting/bibliography.ts';

const ownWords = 'a convention of this profile, not a publication';
const sources = (profile: Profile): string[] => [...profile.sources].map(([key, source]) => sourceWords(source, key));

test.each(listProfiles().map(({ name }) => name))('%s: every source has authors, a title, a year and an address', (name) => {
	const cited = sources(loadProfile(name)).filter((source) => source !== ownWords);
	const entries = bibliographyOf(cited);
	expect(entries).toHaveLength(cited.length);
	for (const entry of entries) for (const field of ['author', 'title', 'year', 'url']) expect(entry).toContain(`\t${field} = {`);
});

test('so has every published way of counting', () => {
	const published = accountingNames
		.map((name) => accountingMethod(name).citation)
		.filter((words) => !words.startsWith('this tool'));
	const entries = bibliographyOf([...new Set(published)]);
	expect(entries.length).toBe(new Set(published).size);
	for (const entry of entries) for (const field of ['author', 'title', 'year', 'url']) expect(entry).toContain(`\t${field} = {`);
});

test('whatever a formula of a claim is taken from can be looked up', () => {
	for (const { source } of claimFormulas)
		for (const one of source.split('; ').filter((words) => /\b(19|20)\d\d\b|et al\./.test(words)))
			expect(one).toMatch(/arXiv:\d{4}\.\d{5}|doi:10\.|github\.com\/|PMC\d+/);
});
