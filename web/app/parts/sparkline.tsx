import type { LayerActivity } from '../../../src/activity/activity.ts';

/** What a layer does in each timestep: spikes of neurons, synaptic events of weights. */
export const perTimestep = (layer: LayerActivity): number[] =>
	layer.kind === 'neuron'
		? layer.perTimestep.map(({ spikes }) => spikes)
		: layer.perTimestep.map(({ synapticEvents }) => synapticEvents);

/** A bar a timestep; the numbers stand in the layer's details. */
export function Sparkline({ layer }: { readonly layer: LayerActivity }) {
	const values = perTimestep(layer);
	if (values.length < 2) return <span class="spark" />;
	const most = Math.max(...values, 1);
	const step = Math.min(8, 48 / values.length);
	return (
		<svg class="spark" viewBox="0 0 48 16" width="48" height="16" aria-hidden="true">
			{values.map((value, index) => (
				<rect
					key={index}
					x={index * step}
					y={16 - (15 * value) / most}
					width={Math.max(0.5, step - 1)}
					height={(15 * value) / most}
				/>
			))}
		</svg>
	);
}
