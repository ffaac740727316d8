import { loadProfile } from '../../profile/load.ts';
import type { OperatingPointsCase } from '../case.ts';
import { eventsOfPoint, type Place, pricePoint, publishedValue, quantityOf, quantityUnits, quantityWords } from '../point.ts';
import { type Comparison, expected } from '../result.ts';

/** Prices the counts of every operating point; one comparison each. */
export function compareOperatingPoints(content: OperatingPointsCase, path: string): readonly Comparison[] {
	return content.points.map((point): Comparison => {
		const profile = loadProfile(content.profile, { set: point.set ?? [] });
		const place: Place = { path, point: `point "${point.name}"`, profile: profile.name };
		const { quantity } = point.published;
		return {
			subject: '',
			quantity: `${quantityWords[quantity]}, ${point.name}`,
			unit: quantityUnits[quantity],
			ours: quantityOf(pricePoint(eventsOfPoint(point, content.name), profile), quantity, point.terms, place),
			theirs: publishedValue(point.published, place),
			...expected(point),
		};
	});
}
