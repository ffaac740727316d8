import type { LifGroup } from './network.ts';
import type { ChipParameters } from './parameters.ts';
import type { Segment } from './placement.ts';

/** State of all neurons, in walking order. */
export interface NeuronState {
	readonly potential: Float64Array;
	readonly current: Float64Array;
	/** Timesteps of the refractory period still to run. */
	readonly refractory: Int32Array;
	/** Sum of the synaptic input that arrived in the last timestep; `noInput` where none did, 0 where it sums to 0. */
	readonly input: Float64Array;
}

/** Negative zero: adding a weight to it gives that weight, and no sum of weights (none of them negative zero) gives it again. */
export const noInput = -0;

/** What the neurons did in one timestep. Reused from step to step. */
export interface SomaRecord {
	/** Neurons that fired, in walking order; the first `firedCount` entries count. */
	readonly fired: Uint32Array;
	/** Seconds of neuron work done by the core since its previous packet, by place in `fired`. */
	readonly secondsBefore: Float64Array;
	firedCount: number;
	/** By rank of core: the end of its neurons in `fired`. */
	readonly firedEnd: Uint32Array;
	/** By rank of core: seconds of neuron work after its last packet. */
	readonly leftOverSeconds: Float64Array;
	/** Seconds of neuron work not yet followed by a packet on the core being walked. */
	pendingSeconds: number;
	/** By rank of core. */
	readonly updatedLif: Uint32Array;
	readonly firedLif: Uint32Array;
}

/**
 * One timestep of leaky integrate-and-fire neurons on one core.
 *
 * With input sum I, potential v, current u, leak λ, input decay δ, bias b, threshold θ:
 *
 *     u ← δ·u,  v ← λ·v                 (not at the first timestep)
 *     v ← trunc(64·v) / 64
 *     u ← u + I,  v ← v + b + u         (not in the refractory period)
 *     if v > θ: fire; v ← reset (hard) or v − θ (soft)
 *
 * A neuron counts as updated when v ≠ 0 before the step, input arrived (even if it sums to 0), b ≠ 0, the
 * group forces it, or it fires. Source: SANA-FE's description of Loihi, docs/chips.md.
 */
export function stepSegment(
	segment: Segment,
	group: LifGroup,
	state: NeuronState,
	record: SomaRecord,
	packetOffsets: Uint32Array,
	chip: ChipParameters,
	firstTimestep: boolean,
): void {
	const { potential, current, refractory, input } = state;
	const { fired, secondsBefore } = record;
	const { threshold, bias, forceUpdate } = group;
	const leak = firstTimestep ? 1 : group.leakDecay;
	// Without a current that outlasts its timestep, none is stored.
	const keepsCurrent = group.inputDecay !== 0;
	const inputDecay = firstTimestep ? 1 : group.inputDecay;
	const accessSeconds = chip.neuronAccess.latencySeconds;
	const updateSeconds = chip.neuronUpdate.latencySeconds;
	const spikeSeconds = chip.neuronSpike.latencySeconds;
	// A resting neuron stays at rest unless zero itself is past a threshold or a current still flows.
	const restIsStable = threshold >= 0 && group.reverseThreshold <= 0 && group.inputDecay === 0 && !forceUpdate;
	const biasStart = segment.firstInGroup - segment.firstNeuron;
	const end = segment.firstNeuron + segment.count;
	let pending = record.pendingSeconds;
	let firedCount = record.firedCount;
	let updatedCount = 0;
	let firedHere = 0;
	for (let n = segment.firstNeuron; n < end; n++) {
		pending += accessSeconds;
		let v = potential[n] as number;
		const b = bias[n + biasStart] as number;
		const sum = input[n] as number;
		const hasInput = sum !== 0 || !Object.is(sum, noInput);
		const rest = refractory[n] as number;
		if (v === 0 && !hasInput && b === 0 && restIsStable) {
			if (rest > 0) refractory[n] = rest - 1;
			continue;
		}
		let updated = v !== 0 || hasInput || b !== 0 || forceUpdate;
		let firesNow = false;
		let u = keepsCurrent ? (current[n] as number) * inputDecay : 0;
		v = Math.trunc(v * leak * 64) / 64;
		if (rest > 0) refractory[n] = rest - 1;
		else {
			u += sum;
			v += b;
			v += u;
			if (v > threshold) {
				firesNow = true;
				updated = true;
				v = group.resetMode === 'hard' ? group.reset : group.resetMode === 'soft' ? v - threshold : v;
				if (group.refractoryDelay > 0) refractory[n] = group.refractoryDelay - 1;
			}
			if (v < group.reverseThreshold && group.reverseResetMode !== 'none') v = reverseReset(group, v);
		}
		input[n] = noInput;
		if (keepsCurrent) current[n] = u;
		potential[n] = v;
		if (updated) {
			pending += updateSeconds;
			updatedCount++;
		}
		if (firesNow) {
			pending += spikeSeconds;
			firedHere++;
			fired[firedCount] = n;
			secondsBefore[firedCount++] = pending;
			if (packetOffsets[n] !== packetOffsets[n + 1]) pending = 0;
		}
	}
	record.pendingSeconds = pending;
	record.firedCount = firedCount;
	(record.updatedLif[segment.rank] as number) += updatedCount;
	(record.firedLif[segment.rank] as number) += firedHere;
}

function reverseReset(group: LifGroup, v: number): number {
	if (group.reverseResetMode === 'soft') return v - group.reverseThreshold;
	return group.reverseResetMode === 'hard' ? group.reverseReset : group.reverseThreshold;
}
