import type { NdArray, RowReader } from '../formats/npy/index.ts';
import type { Dimension } from '../model/graph.ts';

/**
 * The shape with timesteps and samples apart of data that hold them as rows of one axis, [samples·T, …] or [T·samples, …],
 * as networks for event streams take them.
 *
 * @param dims  the network's input, [samples, T, …], or [T, samples, …] where `batchAxis` is 1
 * @returns null where the data are not rows of that kind
 */
export function separatedShape(
	found: readonly number[],
	dims: readonly Dimension[] | null,
	batchAxis: number,
): readonly number[] | null {
	if (!dims || dims.length !== found.length + 1) return null;
	const timesteps = dims[1 - batchAxis];
	const [rows = 0, ...sizes] = found;
	if (typeof timesteps !== 'number' || rows % timesteps !== 0) return null;
	if (!sizes.every((size, axis) => dims[axis + 2] === size)) return null;
	return batchAxis === 1 ? [timesteps, rows / timesteps, ...sizes] : [rows / timesteps, timesteps, ...sizes];
}

/** The same array, read sample by sample. */
export function separatedRows(reader: RowReader, shape: readonly number[]): RowReader {
	const [outer = 1, inner = 1, ...sizes] = shape;
	return {
		...reader,
		shape,
		readRows: async (start, end, axis = 0) => {
			if (axis === 0) {
				const slab = await reader.readRows(start * inner, end * inner);
				return { ...slab, shape: [end - start, inner, ...sizes] } as NdArray;
			}
			const slabs: NdArray[] = [];
			for (let step = 0; step < outer; step += 1) slabs.push(await reader.readRows(step * inner + start, step * inner + end));
			const [first] = slabs as [NdArray];
			const length = slabs.reduce((sum, { data }) => sum + data.length, 0);
			const data = new (first.data.constructor as new (length: number) => Float32Array)(length);
			let at = 0;
			for (const slab of slabs) {
				data.set(slab.data as Float32Array, at);
				at += slab.data.length;
			}
			return { ...first, shape: [outer, end - start, ...sizes], data } as NdArray;
		},
	};
}
