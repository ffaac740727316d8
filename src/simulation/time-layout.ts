/** Order of the leading axes of data with a time axis: [samples, timesteps, …] or [timesteps, samples, …]. */
export type DataLayout = 'ntc' | 'tnc';

/** What is known of an array whose first two axes are timesteps and samples in either order. */
export interface LayoutQuestion {
	readonly first: number;
	readonly second: number;
	/** Timesteps that the model, or the user, says; null when nobody does. */
	readonly timesteps: number | null;
	/** Number of labels; null without labels. */
	readonly labels: number | null;
	/** Samples that were asked for. */
	readonly samples: number | undefined;
	/** Batch that the model's file fixes, or null. */
	readonly batch: number | null;
}

export interface LayoutReading {
	readonly layout: DataLayout;
	/** Why, as the end of a sentence. */
	readonly because: string;
}

/** Decides by all that is known which axis counts samples; null where both readings stay possible. */
export function readLayout(question: LayoutQuestion): LayoutReading | null {
	const { first, second, timesteps, labels, samples, batch } = question;
	if (first === second) return null;
	if (timesteps !== null && (first === timesteps) !== (second === timesteps))
		return { layout: first === timesteps ? 'tnc' : 'ntc', because: `the network runs ${timesteps} timesteps` };
	if (labels !== null && (first === labels) !== (second === labels))
		return { layout: first === labels ? 'ntc' : 'tnc', because: `there ${labels === 1 ? 'is 1 label' : `are ${labels} labels`}` };
	if (first === 1 || second === 1)
		return { layout: first === 1 ? 'ntc' : 'tnc', because: 'one timestep alone would be no sequence' };
	if (samples !== undefined && first < samples !== second < samples)
		return { layout: first < samples ? 'tnc' : 'ntc', because: `${samples} samples were asked for` };
	if (batch !== null && batch > 1 && (first === batch) !== (second === batch))
		return { layout: first === batch ? 'ntc' : 'tnc', because: `the model is exported for ${batch} samples at a time` };
	return null;
}

/** Values [a, b, …] as [b, a, …], `size` elements each. */
export function swapLeading(values: Float32Array, a: number, b: number, size: number): Float32Array {
	const result = new Float32Array(values.length);
	for (let row = 0; row < a; row += 1)
		for (let column = 0; column < b; column += 1)
			result.set(values.subarray((row * b + column) * size, (row * b + column + 1) * size), (column * a + row) * size);
	return result;
}
