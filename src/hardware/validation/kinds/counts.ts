import { loadProfile } from '../../profile/load.ts';
import type { CountsCase } from '../case.ts';
import { eventsOfPoint, numberOf, type Place, pricePoint, publishedValue, quantityOf } from '../point.ts';
import { type Comparison, expected } from '../result.ts';

/** Prices the operations of every row of a published table; one comparison each. */
export function compareCounts(content: CountsCase, path: string): readonly Comparison[] {
	const profile = loadProfile(content.profile);
	return content.rows.map((row): Comparison => {
		const place: Place = { path, point: `row "${row.name}"`, profile: profile.name };
		const events = eventsOfPoint(
			{ timesteps: 1, acs: numberOf(row.acs) + numberOf(row.sops), macs: numberOf(row.macs) },
			row.name,
		);
		return {
			subject: '',
			quantity: `energy, ${row.name}`,
			unit: 'J',
			ours: quantityOf(pricePoint(events, profile), 'energy', undefined, place),
			theirs: publishedValue({ quantity: 'energy', value: row.published.energy }, place),
			...expected(row),
		};
	});
}
