import { activationLayers } from './activation.ts';
import type { LayerEmitter } from './context.ts';
import { convolutionLayers } from './convolution.ts';
import { denseLayers } from './dense.ts';
import { mergeLayers } from './merge.ts';
import { normalizationLayers } from './normalization.ts';
import { poolingLayers } from './pooling.ts';
import { shapeLayers } from './shape.ts';
import { spikingLayers } from './spiking.ts';
import { timeDistributed } from './time-distributed.ts';

const single: Readonly<Record<string, LayerEmitter>> = {
	...convolutionLayers,
	...denseLayers,
	...poolingLayers,
	...normalizationLayers,
	...activationLayers,
	...shapeLayers,
	...mergeLayers,
};

/** Every layer that is read, by its class name in model.json. */
export const layers: Readonly<Record<string, LayerEmitter>> = {
	...single,
	...spikingLayers,
	TimeDistributed: timeDistributed(single),
};
