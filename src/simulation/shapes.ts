import type { FanOut } from '../network/fan-out.ts';
import type { Network } from '../network/network.ts';
import { zeros } from './memory.ts';
import { batchAxisOf, fixedBatch, runPilot } from './pilot.ts';
import { findGeometry, pilotWants } from './plan.ts';

/** Sample shapes of every layer, in the order of the network's layers. */
export interface NetworkShapes {
	readonly synapses: readonly {
		readonly inputShape: readonly number[];
		readonly outputShape: readonly number[];
		readonly denseMacs: number;
	}[];
	readonly neurons: readonly (readonly number[])[];
	/** null for products that cannot be counted. */
	readonly products: readonly ({
		readonly inputShape: readonly number[];
		readonly outputShape: readonly number[];
		readonly denseMacs: number;
	} | null)[];
}

/**
 * The shapes of a network's layers, found by running its graph once on zeros.
 *
 * @param sampleShape sizes of a sample when the file leaves them open
 * @returns null when neither the file nor the caller gives the size of a sample
 */
export async function findShapes(network: Network, sampleShape?: readonly number[]): Promise<NetworkShapes | null> {
	const axis = batchAxisOf(network);
	const sample = sampleShape ?? network.input.dims?.slice(axis + 1);
	if (!sample || sample.some((size) => typeof size !== 'number')) return null;
	const batch = fixedBatch(network.input, axis) ?? 1;
	const leading = axis === 1 ? [network.timesteps ?? 1] : [];
	const dims = [...leading, batch, ...(sample as readonly number[])];
	const pilot = await runPilot(
		network,
		{ values: zeros(dims, `${network.file}: input "${network.input.name}"`), dims, batch },
		pilotWants(network),
	);
	const geometry = findGeometry(network, pilot);
	return {
		synapses: geometry.fanOuts.map(({ denseMacs }: FanOut, at) => ({
			denseMacs,
			inputShape: geometry.inputShapes[at] as readonly number[],
			outputShape: geometry.outputShapes[at] as readonly number[],
		})),
		neurons: geometry.neuronShapes,
		products: geometry.products.map((shape) =>
			shape
				? {
						inputShape: shape.left,
						outputShape: shape.output,
						denseMacs: shape.blocks * shape.rows * shape.inner * shape.columns,
					}
				: null,
		),
	};
}
