/** Where names beside points are put, so that no two of them, and no point, are covered. */

export interface LabelledPoint {
	/** Pixels from the left and from the top of the plot. */
	readonly x: number;
	readonly y: number;
	readonly label: string;
}

/** A side of a point; how its label is shifted from it and which end of the label is there. */
export const places = {
	above: { dx: 0, dy: -10, align: 'center' },
	below: { dx: 0, dy: 11, align: 'center' },
	right: { dx: 8, dy: 0, align: 'left' },
	left: { dx: -8, dy: 0, align: 'right' },
	aboveRight: { dx: 6, dy: -9, align: 'left' },
	belowRight: { dx: 6, dy: 10, align: 'left' },
	aboveLeft: { dx: -6, dy: -9, align: 'right' },
	belowLeft: { dx: -6, dy: 10, align: 'right' },
	farAbove: { dx: 0, dy: -22, align: 'center' },
	farBelow: { dx: 0, dy: 23, align: 'center' },
} as const;
export type Place = keyof typeof places;

interface Box {
	readonly left: number;
	readonly right: number;
	readonly top: number;
	readonly bottom: number;
}

/**
 * For each point the first side where its label covers least.
 *
 * @param lines  pairs of points that a line joins
 */
export function placeLabels(
	points: readonly LabelledPoint[],
	plot: { readonly width: number; readonly height: number },
	fontSize: number,
	lines: readonly (readonly [number, number])[] = [],
): Place[] {
	const around = (x: number, y: number, reach: number): Box => ({
		left: x - reach,
		right: x + reach,
		top: y - reach,
		bottom: y + reach,
	});
	const taken = points.map(({ x, y }) => around(x, y, 5));
	for (const [from, to] of lines) {
		const [start, end] = [points[from], points[to]];
		if (!start || !end) continue;
		const pieces = Math.ceil(Math.hypot(end.x - start.x, end.y - start.y) / 4);
		for (let piece = 0; piece <= pieces; piece += 1) {
			const along = piece / Math.max(1, pieces);
			taken.push(around(start.x + along * (end.x - start.x), start.y + along * (end.y - start.y), 2));
		}
	}
	return points.map((point) => {
		const options = (Object.keys(places) as Place[]).map((place) => {
			const box = boxOf(point, place, fontSize);
			const outside =
				Math.max(0, -box.left) +
				Math.max(0, box.right - plot.width) +
				Math.max(0, -box.top) +
				Math.max(0, box.bottom - plot.height);
			return { place, box, cost: outside * 50 + taken.reduce((sum, other) => sum + overlap(box, other), 0) };
		});
		const best = options.reduce((least, option) => (option.cost < least.cost ? option : least));
		taken.push(best.box);
		return best.place;
	});
}

function boxOf({ x, y, label }: LabelledPoint, place: Place, fontSize: number): Box {
	const { dx, dy, align } = places[place];
	const width = [...label].length * fontSize * 0.56;
	const left = x + dx - (align === 'center' ? width / 2 : align === 'right' ? width : 0);
	return { left, right: left + width, top: y + dy - fontSize / 2, bottom: y + dy + fontSize / 2 };
}

const overlap = (one: Box, other: Box): number =>
	Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left)) *
	Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
