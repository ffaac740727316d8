import type { Reset } from './emit/context.ts';
import type { FlatGraph } from './flatten.ts';
import { assumptions } from './messages.ts';

/** What a NIR file leaves open about time and reset, in the nodes that this graph has. */
export function timeAssumptions(graph: FlatGraph, dt: number, given: boolean, reset: Reset): string[] {
	const nodes = [...graph.nodes];
	const notes: string[] = [];
	const timed = nodes.some(([, node]) => 'tau' in node || 'tauMem' in node || node.type === 'Delay');
	if (timed) {
		notes.push(assumptions.timestep(dt, given));
		const suggested = suggestedTimestep(graph);
		if (!given && suggested !== null && Math.abs(suggested / dt - 1) > 1e-2) {
			notes.push(assumptions.otherTimestep(suggested));
		}
	}
	const integrators = nodes.filter(([, node]) => node.type === 'I' || node.type === 'IF').map(([name]) => name);
	if (integrators.length > 0) {
		notes.push(assumptions.integrators(integrators));
	}
	const spiking = nodes.filter(([, node]) => 'vThreshold' in node);
	if (spiking.length > 0) {
		const missing = spiking.some(([, node]) => !('vReset' in node));
		notes.push(reset === 'subtract' ? assumptions.resetSubtract : assumptions.resetZero(missing));
	}
	if (nodes.some(([, node]) => node.type === 'CubaLI' || node.type === 'CubaLIF')) {
		notes.push(assumptions.currentFirst);
	}
	return notes;
}

/**
 * Other lengths of a timestep that a file may mean: tau/r where that is one number, 1 where the time constants look like
 * timesteps rather than seconds, and a millisecond; the likeliest first. Forward Euler is stable with all of them.
 */
export function otherTimesteps(graph: FlatGraph, dt: number): number[] {
	const constants = [...graph.nodes.values()].flatMap((node) => [
		...('tau' in node ? node.tau.values : []),
		...('tauMem' in node ? node.tauMem.values : []),
		...('tauSyn' in node ? node.tauSyn.values : []),
	]);
	if (constants.length === 0) return [];
	const shortest = constants.reduce((least, tau) => Math.min(least, tau));
	const suggested = suggestedTimestep(graph);
	const candidates = [...(suggested === null ? [] : [suggested]), 1, 1e-3, 1e-4];
	return [...new Set(candidates)].filter((one) => one <= shortest && Math.abs(one / dt - 1) > 1e-2);
}

/** tau/r, where it is the same for every neuron and r is not simply 1: then r most likely holds 1/(dt/tau). */
function suggestedTimestep(graph: FlatGraph): number | null {
	let suggested: number | null = null;
	for (const node of graph.nodes.values()) {
		const tau = 'tau' in node ? node.tau : 'tauMem' in node ? node.tauMem : undefined;
		if (tau === undefined || !('r' in node) || node.r.values.length !== tau.values.length) {
			continue;
		}
		for (const [index, value] of tau.values.entries()) {
			const r = node.r.values[index] ?? 1;
			const ratio = value / r;
			if (Math.abs(r - 1) < 1e-6 || !(ratio > 0) || (suggested !== null && Math.abs(ratio / suggested - 1) > 1e-3)) {
				return null;
			}
			suggested ??= Number(ratio.toPrecision(4));
		}
	}
	return suggested;
}
