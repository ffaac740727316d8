import type { Activity } from '../../activity/activity.ts';
import { UserError } from '../../errors.ts';
import { type PlacedCost, placedCost } from './fit-cost.ts';
import * as messages from './messages.ts';
import { type CoreRun, type Packing, packPopulations, type Wall } from './pack.ts';
import type { ChipParameters } from './parameters.ts';
import { fanInOf, populationsOf } from './populations.ts';
import { neuronsIn } from './reach.ts';
import { type SpikeMaps, spikeMaps } from './spike-maps.ts';
import { collectTraffic, meanTraffic, type Traffic, type TrafficCollector } from './traffic.ts';

/** Where one population lies and what it needs. */
export interface FittedPopulation {
	readonly name: string;
	readonly neurons: number;
	readonly fanIn: number;
	readonly synapses: number;
	readonly cores: number;
	readonly neuronsPerCore: number;
	readonly boundBy: CoreRun['boundBy'];
	/** Of the fullest core. */
	readonly axonsIn: number;
	readonly axonsOut: number;
	readonly synapticBytes: number;
}

/** A network on a chip, as `snn-energy chip --format json` prints it. */
export interface Fit {
	readonly schema: 'snn-energy/fit@1';
	readonly model: string;
	readonly profile: string;
	/** True when one chip holds the network and no wall stands in the way. */
	readonly fits: boolean;
	readonly walls: readonly Wall[];
	/** True when a wall was overridden: the figures are then of a chip without it. */
	readonly forced: boolean;
	readonly coresNeeded: number;
	readonly coresPerChip: number;
	readonly chipsNeeded: number;
	readonly populations: readonly FittedPopulation[];
	/** null when a wall stands in the way and was not overridden. */
	readonly cost: PlacedCost | null;
	/** What the formulas of the profile say without a placement; null where it was not asked or there is nothing to hold it against. */
	readonly unplaced: UnplacedCost | null;
	readonly assumptions: readonly string[];
	/** Limits the profile does not name. */
	readonly unchecked: readonly string[];
}

/** The profile's formulas, which know no placement: nominal values per inference. */
export interface UnplacedCost {
	readonly energyJoules: number;
	readonly latencySeconds: number | null;
}

/** A counted network on the cores of a chip. */
export interface PlacedActivity {
	readonly activity: Activity;
	readonly chip: ChipParameters;
	readonly packing: Packing;
	readonly maps: readonly SpikeMaps[];
}

/** @throws UserError if the Activity holds no layer of weights */
export function placeActivity(activity: Activity, chip: ChipParameters): PlacedActivity {
	const populations = populationsOf(activity);
	if (populations.length === 0) throw new UserError(messages.nothingToPlace(activity.model.file));
	const packing = packPopulations(populations, chip);
	return { activity, chip, packing, maps: spikeMaps(packing, chip) };
}

/** Collects the exact traffic of a placed network while it runs. */
export function trafficOf({ activity, packing, maps, chip }: PlacedActivity): TrafficCollector {
	return collectTraffic(activity, packing, maps, chip);
}

/**
 * Prices one inference of a placed network and says whether it fits.
 *
 * @param force  price the network even when a wall stands in the way
 * @param unplaced  the same network priced without a placement, to be shown beside
 * @param traffic  exact traffic (see trafficOf); left out: the active elements are taken as spread evenly
 */
export function fitNetwork(
	placed: PlacedActivity,
	options: { readonly force: boolean; readonly traffic?: Traffic; readonly unplaced?: UnplacedCost },
): Fit {
	const { activity, chip, packing, maps } = placed;
	const coresPerChip = chip.mesh.width * chip.mesh.height * chip.mesh.coresPerTile;
	const chipsNeeded = Math.ceil(packing.cores / coresPerChip);
	const blocked = packing.walls.length > 0;
	const priced = !blocked || options.force;
	const traffic = options.traffic ?? (priced ? meanTraffic(activity, packing, maps, chip) : null);
	const cost = priced && traffic !== null ? placedCost(activity, packing, traffic, chip, chipsNeeded) : null;
	return {
		schema: 'snn-energy/fit@1',
		model: activity.model.file,
		profile: chip.name,
		fits: !blocked && chipsNeeded === 1,
		walls: packing.walls,
		forced: blocked && options.force,
		coresNeeded: packing.cores,
		coresPerChip,
		chipsNeeded,
		populations: packing.runs.map(fitted),
		cost,
		unplaced: cost === null ? null : (options.unplaced ?? null),
		assumptions: assumptionsOf(activity, chip, chipsNeeded, packing.runs, cost?.positions ?? 'mean'),
		unchecked: Object.entries(chip.limits).flatMap(([name, limit]) => (limit === null ? [name] : [])),
	};
}

function fitted(run: CoreRun): FittedPopulation {
	const { population } = run;
	return {
		name: population.name,
		neurons: neuronsIn(population.shape),
		fanIn: fanInOf(population),
		synapses: population.inputs.reduce((sum, { layer }) => sum + layer.geometry.synapses, 0),
		cores: run.cores,
		neuronsPerCore: run.neuronsPerCore,
		boundBy: run.boundBy,
		axonsIn: run.axonsIn,
		axonsOut: run.axonsOut,
		synapticBytes: run.synapticBits / 8,
	};
}

function assumptionsOf(
	activity: Activity,
	chip: ChipParameters,
	chips: number,
	runs: readonly CoreRun[],
	positions: Traffic['positions'],
): readonly string[] {
	const connections = runs.flatMap(({ population }) => population.inputs);
	const outside = connections.filter(({ source }) => source === null);
	const analog = outside.filter(({ layer }) => layer.inputKind === 'analog' || layer.inputKind === 'mixed');
	const pooled = connections.filter(({ window }) => window > 1);
	const inexact = connections.filter(({ exact }) => !exact);
	return [
		messages.assumeStoredPerTarget(chip.weightBits),
		positions === 'exact' ? messages.assumeEvenNeurons() : messages.assumeEvenSpread(),
		messages.assumeInputOutside(),
		...(analog.length > 0 ? [messages.assumeAnalogAsSpikes(analog.map(({ layer }) => layer.name))] : []),
		...(pooled.length > 0 ? [messages.assumePoolingOnTheWay(pooled.map(({ layer }) => layer.name))] : []),
		...(inexact.length > 0 ? [messages.assumeNearestReach(inexact.map(({ layer }) => layer.name))] : []),
		...(chips > 1 ? [messages.assumeWiderMesh(chips)] : []),
		...(activity.run.partial ? [messages.assumePartialRun()] : []),
	];
}
