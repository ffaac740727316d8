import type { ModelBuilder } from './model-builder.ts';

/** Ways frameworks write a spiking neuron down in ONNX operators, each with the plain arithmetic it stands for. */
export interface NeuronIdiom {
	readonly name: string;
	/** Number of states held between timesteps. */
	readonly words: number;
	/** Adds one timestep to a graph: states in, spikes and states out. */
	readonly build: (
		graph: ModelBuilder,
		current: string,
		states: readonly string[],
	) => { spikes: string; states: readonly string[] };
	/** The same for one neuron, in numbers. */
	readonly step: (current: number, states: readonly number[]) => { spike: number; states: readonly number[] };
	readonly expected: {
		readonly leak: number | null;
		readonly threshold: number | null;
		readonly reset: 'soft' | 'hard' | 'none';
		readonly delayedReset?: boolean;
		readonly inputKind?: 'spikes' | 'graded';
		/** Operator that decides, where the idiom has several. */
		readonly op?: string;
	};
}

const cast = (graph: ModelBuilder, condition: string): string => graph.add('Cast', [condition], { to: 1 });
const mul = (graph: ModelBuilder, tensor: string, factor: number): string => graph.add('Mul', [tensor, graph.scalar(factor)]);

/** u ← u/2 + current: the leaky sum most idioms share. */
const leaky = (graph: ModelBuilder, current: string, state: string): string =>
	graph.add('Add', [mul(graph, state, 0.5), current]);

type Decide = (graph: ModelBuilder, membrane: string) => string;

/** A leaky neuron with soft reset by the threshold 1 whose decision is written in some way. */
function softLeaky(
	name: string,
	decide: Decide,
	expected: Partial<NeuronIdiom['expected']> = {},
	fires: (membrane: number) => number = (membrane) => (membrane > 1 ? 1 : 0),
): NeuronIdiom {
	return {
		name,
		words: 1,
		build(graph, current, [state = '']) {
			const membrane = leaky(graph, current, state);
			const spikes = decide(graph, membrane);
			return { spikes, states: [graph.add('Sub', [membrane, spikes])] };
		},
		step(current, [state = 0]) {
			const membrane = state / 2 + current;
			const spike = fires(membrane);
			return { spike, states: [membrane - spike] };
		},
		expected: { leak: 0.5, threshold: 1, reset: 'soft', ...expected },
	};
}

const above = (level: number) => (membrane: number) => (membrane > level ? 1 : 0);
const atLeast = (level: number) => (membrane: number) => (membrane >= level ? 1 : 0);
const clip = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const halfToEven = (value: number): number => {
	const rounded = Math.round(value);
	return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
};

export const decisions: readonly NeuronIdiom[] = [
	softLeaky('Greater', (graph, u) => cast(graph, graph.add('Greater', [u, graph.scalar(1)]))),
	softLeaky('GreaterOrEqual', (graph, u) => cast(graph, graph.add('GreaterOrEqual', [u, graph.scalar(1)])), {}, atLeast(1)),
	softLeaky('v < u', (graph, u) => cast(graph, graph.add('Less', [graph.scalar(1), u]))),
	softLeaky('v <= u', (graph, u) => cast(graph, graph.add('LessOrEqual', [graph.scalar(1), u])), {}, atLeast(1)),
	softLeaky('u - v > 0', (graph, u) =>
		cast(graph, graph.add('Greater', [graph.add('Sub', [u, graph.scalar(1)]), graph.scalar(0)])),
	),
	softLeaky(
		'u / v - 1 > 0',
		(graph, u) =>
			cast(
				graph,
				graph.add('Greater', [graph.add('Sub', [graph.add('Div', [u, graph.scalar(0.5)]), graph.scalar(1)]), graph.scalar(0)]),
			),
		{ threshold: 0.5 },
		above(0.5),
	),
	softLeaky(
		'u * (1 / v) - 1 >= 0',
		(graph, u) =>
			cast(graph, graph.add('GreaterOrEqual', [graph.add('Sub', [mul(graph, u, 2), graph.scalar(1)]), graph.scalar(0)])),
		{ threshold: 0.5 },
		atLeast(0.5),
	),
	softLeaky(
		'not (u < v)',
		(graph, u) => cast(graph, graph.add('Not', [graph.add('Less', [u, graph.scalar(1)])])),
		{},
		atLeast(1),
	),
	softLeaky('0 < u - v, from the right', (graph, u) =>
		cast(graph, graph.add('Less', [graph.scalar(0), graph.add('Sub', [u, graph.scalar(1)])])),
	),
	softLeaky('Relu(Sign(u - v))', (graph, u) => graph.add('Relu', [graph.add('Sign', [graph.add('Sub', [u, graph.scalar(1)])])])),
	softLeaky('(Sign(u - v) + 1) / 2', (graph, u) =>
		mul(graph, graph.add('Add', [graph.add('Sign', [graph.add('Sub', [u, graph.scalar(1)])]), graph.scalar(1)]), 0.5),
	),
	softLeaky('Max(Sign(u - v), 0)', (graph, u) =>
		graph.add('Max', [graph.add('Sign', [graph.add('Sub', [u, graph.scalar(1)])]), graph.scalar(0)]),
	),
	softLeaky('Where(u > v, 1, 0)', (graph, u) =>
		graph.add('Where', [graph.add('Greater', [u, graph.scalar(1)]), graph.scalar(1), graph.scalar(0)]),
	),
	softLeaky(
		'Ceil(Clip(u - v, 0, 1))',
		(graph, u) =>
			graph.add('Ceil', [graph.add('Clip', [graph.add('Sub', [u, graph.scalar(1)]), graph.scalar(0), graph.scalar(1)])]),
		{ threshold: 1 },
	),
	softLeaky(
		'Cast to int and back',
		(graph, u) => cast(graph, graph.add('Cast', [graph.add('Clip', [u, graph.scalar(0), graph.scalar(1)])], { to: 6 })),
		{ threshold: 1 },
		atLeast(1),
	),
	softLeaky(
		'Round(Clip(u, 0, 3)): up to three spikes at once',
		(graph, u) => graph.add('Round', [graph.add('Clip', [u, graph.scalar(0), graph.scalar(3)])]),
		{ threshold: null, inputKind: 'graded' },
		(u) => halfToEven(clip(u, 0, 3)),
	),
	softLeaky(
		'Clip(Floor(u), 0, 2)',
		(graph, u) => graph.add('Clip', [graph.add('Floor', [u]), graph.scalar(0), graph.scalar(2)]),
		{ threshold: null, inputKind: 'graded' },
		(u) => clip(Math.floor(u), 0, 2),
	),
	softLeaky(
		'a sum of comparisons: (u > 1) + (u > 2)',
		(graph, u) =>
			graph.add('Add', [
				cast(graph, graph.add('Greater', [u, graph.scalar(1)])),
				cast(graph, graph.add('Greater', [u, graph.scalar(2)])),
			]),
		{ threshold: 1, inputKind: 'graded' },
		(u) => (u > 1 ? 1 : 0) + (u > 2 ? 1 : 0),
	),
	softLeaky(
		'spikes of height 0.5',
		(graph, u) => mul(graph, cast(graph, graph.add('Greater', [u, graph.scalar(1)])), 0.5),
		{},
		(u) => (u > 1 ? 0.5 : 0),
	),
	softLeaky(
		'ternary: (u > 1) - (u < -1)',
		(graph, u) =>
			graph.add('Sub', [
				cast(graph, graph.add('Greater', [u, graph.scalar(1)])),
				cast(graph, graph.add('Less', [u, graph.scalar(-1)])),
			]),
		{ threshold: 1 },
		(u) => (u > 1 ? 1 : u < -1 ? -1 : 0),
	),
	softLeaky(
		'ternary: Sign(u) * (|u| > 1)',
		(graph, u) =>
			graph.add('Mul', [graph.add('Sign', [u]), cast(graph, graph.add('Greater', [graph.add('Abs', [u]), graph.scalar(1)]))]),
		{ threshold: 1 },
		(u) => (u > 1 ? 1 : u < -1 ? -1 : 0),
	),
	softLeaky('through float16 and back', (graph, u) =>
		graph.add('Cast', [graph.add('Cast', [graph.add('Greater', [u, graph.scalar(1)])], { to: 10 })], { to: 1 }),
	),
	softLeaky('a surrogate’s leftover: (s - x) + x', (graph, u) => {
		const spike = cast(graph, graph.add('Greater', [u, graph.scalar(1)]));
		const smooth = graph.add('Clip', [u, graph.scalar(0), graph.scalar(0)]);
		return graph.add('Add', [graph.add('Sub', [spike, smooth]), smooth]);
	}),
	softLeaky('a surrogate’s leftover: x + (s - x)', (graph, u) => {
		const spike = cast(graph, graph.add('Greater', [u, graph.scalar(1)]));
		const smooth = graph.add('Clip', [u, graph.scalar(0), graph.scalar(0)]);
		return graph.add('Add', [smooth, graph.add('Sub', [spike, smooth])]);
	}),
];

/** A neuron that spikes above 1, with its membrane written in some way. */
function dynamics(
	name: string,
	build: NeuronIdiom['build'],
	step: NeuronIdiom['step'],
	expected: Partial<NeuronIdiom['expected']>,
	words = 1,
): NeuronIdiom {
	return { name, words, build, step, expected: { leak: 0.5, threshold: 1, reset: 'soft', ...expected } };
}

/** A leaky neuron whose threshold 1 + a rises with each spike; the comparison of membrane and threshold is written in some way. */
function adaptive(name: string, exceeds: (graph: ModelBuilder, membrane: string, level: string) => string): NeuronIdiom {
	return dynamics(
		name,
		(graph, current, [u = '', a = '']) => {
			const membrane = leaky(graph, current, u);
			const spikes = cast(graph, exceeds(graph, membrane, graph.add('Add', [a, graph.scalar(1)])));
			return {
				spikes,
				states: [graph.add('Sub', [membrane, spikes]), graph.add('Add', [mul(graph, a, 0.5), mul(graph, spikes, 0.25)])],
			};
		},
		(current, [u = 0, a = 0]) => {
			const membrane = u / 2 + current;
			const spike = membrane > 1 + a ? 1 : 0;
			return { spike, states: [membrane - spike, a / 2 + spike / 4] };
		},
		{ threshold: null },
		2,
	);
}

const fire = (graph: ModelBuilder, membrane: string): { condition: string; spikes: string } => {
	const condition = graph.add('Greater', [membrane, graph.scalar(1)]);
	return { condition, spikes: cast(graph, condition) };
};
const spikeOf = (membrane: number): number => (membrane > 1 ? 1 : 0);

export const membranes: readonly NeuronIdiom[] = [
	dynamics(
		'no leak',
		(graph, current, [u = '']) => {
			const membrane = graph.add('Add', [u, current]);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Sub', [membrane, spikes])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u + current), states: [u + current - spikeOf(u + current)] }),
		{ leak: 1 },
	),
	dynamics(
		'no reset',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			return { spikes: fire(graph, membrane).spikes, states: [graph.add('Identity', [membrane])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [u / 2 + current] }),
		{ reset: 'none' },
	),
	dynamics(
		'hard reset: u * (1 - s)',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), spikes])])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [(u / 2 + current) * (1 - spikeOf(u / 2 + current))] }),
		{ reset: 'hard' },
	),
	dynamics(
		'hard reset: u - u * s',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Sub', [membrane, graph.add('Mul', [membrane, spikes])])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [(u / 2 + current) * (1 - spikeOf(u / 2 + current))] }),
		{ reset: 'hard' },
	),
	dynamics(
		'hard reset: Where(s, 0, u)',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			const { condition, spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Where', [condition, graph.scalar(0), membrane])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [(u / 2 + current) * (1 - spikeOf(u / 2 + current))] }),
		{ reset: 'hard' },
	),
	dynamics(
		'hard reset to a rest value: (1 - s) * u + s * 0.25',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			const { spikes } = fire(graph, membrane);
			const kept = graph.add('Mul', [graph.add('Sub', [graph.scalar(1), spikes]), membrane]);
			return { spikes, states: [graph.add('Add', [kept, mul(graph, spikes, 0.25)])] };
		},
		(current, [u = 0]) => {
			const membrane = u / 2 + current;
			return { spike: spikeOf(membrane), states: [membrane > 1 ? 0.25 : membrane] };
		},
		{ reset: 'hard' },
	),
	dynamics(
		'soft reset: Where(s, u - v, u)',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			const { condition, spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Where', [condition, graph.add('Sub', [membrane, graph.scalar(1)]), membrane])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [u / 2 + current - spikeOf(u / 2 + current)] }),
		{ reset: 'soft' },
	),
	dynamics(
		'soft reset: u + (-v) * s',
		(graph, current, [u = '']) => {
			const membrane = leaky(graph, current, u);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Add', [membrane, mul(graph, spikes, -1)])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [u / 2 + current - spikeOf(u / 2 + current)] }),
		{ reset: 'soft' },
	),
	dynamics(
		'delayed soft reset, the spike of the step before subtracted (snnTorch)',
		(graph, current, [u = '']) => {
			const reset = cast(graph, graph.add('Greater', [graph.add('Sub', [u, graph.scalar(1)]), graph.scalar(0)]));
			const membrane = graph.add('Sub', [leaky(graph, current, u), graph.add('Mul', [reset, graph.scalar(1)])]);
			const spikes = cast(graph, graph.add('Greater', [graph.add('Sub', [membrane, graph.scalar(1)]), graph.scalar(0)]));
			return { spikes, states: [graph.add('Identity', [membrane])] };
		},
		(current, [u = 0]) => {
			const membrane = u / 2 + current - spikeOf(u);
			return { spike: spikeOf(membrane), states: [membrane] };
		},
		{ reset: 'soft', delayedReset: true },
	),
	dynamics(
		'delayed hard reset: b - r * b (snnTorch)',
		(graph, current, [u = '']) => {
			const reset = cast(graph, graph.add('Greater', [graph.add('Sub', [u, graph.scalar(1)]), graph.scalar(0)]));
			const base = leaky(graph, current, u);
			const membrane = graph.add('Sub', [base, graph.add('Mul', [reset, base])]);
			const spikes = cast(graph, graph.add('Greater', [graph.add('Sub', [membrane, graph.scalar(1)]), graph.scalar(0)]));
			return { spikes, states: [graph.add('Identity', [membrane])] };
		},
		(current, [u = 0]) => {
			const base = u / 2 + current;
			const membrane = base - spikeOf(u) * base;
			return { spike: spikeOf(membrane), states: [membrane] };
		},
		{ reset: 'hard', delayedReset: true },
	),
	dynamics(
		'u + (x - u) / tau, hard reset (SpikingJelly)',
		(graph, current, [u = '']) => {
			const change = graph.add('Div', [graph.add('Sub', [current, u]), graph.scalar(2)]);
			const membrane = graph.add('Add', [u, change]);
			const spikes = cast(graph, graph.add('GreaterOrEqual', [graph.add('Sub', [membrane, graph.scalar(1)]), graph.scalar(0)]));
			const kept = graph.add('Mul', [graph.add('Sub', [graph.scalar(1), spikes]), membrane]);
			return { spikes, states: [graph.add('Add', [kept, mul(graph, spikes, 0)])] };
		},
		(current, [u = 0]) => {
			const membrane = u + (current - u) / 2;
			return { spike: membrane >= 1 ? 1 : 0, states: [membrane >= 1 ? 0 : membrane] };
		},
		{ leak: 0.5, reset: 'hard' },
	),
	dynamics(
		'a leak behind Sigmoid and Clip of a parameter',
		(graph, current, [u = '']) => {
			const leak = graph.add('Clip', [graph.add('Sigmoid', [graph.scalar(0)]), graph.scalar(0), graph.scalar(1)]);
			const membrane = graph.add('Add', [graph.add('Mul', [leak, u]), current]);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Sub', [membrane, spikes])] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u / 2 + current), states: [u / 2 + current - spikeOf(u / 2 + current)] }),
		{ leak: 0.5 },
	),
	dynamics(
		'leak after the reset: u ← (u - s) * leak',
		(graph, current, [u = '']) => {
			const membrane = graph.add('Add', [u, current]);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [mul(graph, graph.add('Sub', [membrane, spikes]), 0.5)] };
		},
		(current, [u = 0]) => ({ spike: spikeOf(u + current), states: [(u + current - spikeOf(u + current)) / 2] }),
		{ leak: 0.5 },
	),
	dynamics(
		'a synaptic current of its own: i ← i/4 + x, u ← u/2 + i',
		(graph, current, [i = '', u = '']) => {
			const input = graph.add('Add', [mul(graph, i, 0.25), current]);
			const membrane = graph.add('Add', [mul(graph, u, 0.5), input]);
			const { spikes } = fire(graph, membrane);
			return { spikes, states: [graph.add('Identity', [input]), graph.add('Sub', [membrane, spikes])] };
		},
		(current, [i = 0, u = 0]) => {
			const input = i / 4 + current;
			const membrane = u / 2 + input;
			return { spike: spikeOf(membrane), states: [input, membrane - spikeOf(membrane)] };
		},
		{ leak: 0.5 },
		2,
	),
	adaptive('an adaptive threshold: u > 1 + a, a ← a/2 + s/4', (graph, membrane, level) =>
		graph.add('Greater', [membrane, level]),
	),
	adaptive('an adaptive threshold, asked for from the left: 1 + a < u', (graph, membrane, level) =>
		graph.add('Less', [level, membrane]),
	),
	dynamics(
		'a membrane that counts down: u ← u/2 − current, fires at u < −1',
		(graph, current, [u = '']) => {
			const membrane = graph.add('Sub', [mul(graph, u, 0.5), current]);
			const spikes = cast(graph, graph.add('Less', [membrane, graph.scalar(-1)]));
			return { spikes, states: [graph.add('Add', [membrane, spikes])] };
		},
		(current, [u = 0]) => {
			const membrane = u / 2 - current;
			const spike = membrane < -1 ? 1 : 0;
			return { spike, states: [membrane + spike] };
		},
		{ threshold: -1 },
	),
	dynamics(
		'refractory (Norse): masked while a counter of its own is above 0, the membrane held meanwhile',
		(graph, current, [u = '', rho = '']) => {
			const membrane = leaky(graph, current, u);
			const { spikes: free } = fire(graph, membrane);
			const waits = cast(graph, graph.add('Greater', [rho, graph.scalar(0)]));
			const ready = graph.add('Sub', [graph.scalar(1), waits]);
			const kept = graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), free])]);
			const after = graph.add('Add', [kept, mul(graph, free, 0.25)]);
			const spikes = graph.add('Mul', [ready, free]);
			const held = graph.add('Add', [graph.add('Mul', [ready, after]), graph.add('Mul', [waits, u])]);
			const counted = graph.add('Relu', [graph.add('Sub', [rho, waits])]);
			const open = graph.add('Mul', [graph.add('Sub', [graph.scalar(1), spikes]), counted]);
			return { spikes, states: [held, graph.add('Add', [open, mul(graph, spikes, 2)])] };
		},
		(current, [u = 0, rho = 0]) => {
			const membrane = u / 2 + current;
			const waits = rho > 0 ? 1 : 0;
			const spike = (1 - waits) * spikeOf(membrane);
			const after = membrane > 1 ? 0.25 : membrane;
			return { spike, states: [waits ? u : after, (1 - spike) * Math.max(0, rho - waits) + 2 * spike] };
		},
		{ reset: 'hard' },
		2,
	),
	dynamics(
		'a refractory counter that holds 0, 1 or 2 and stops the current',
		(graph, current, [u = '', rest = '']) => {
			const waits = graph.add('Greater', [rest, graph.scalar(0)]);
			const membrane = graph.add('Where', [waits, u, leaky(graph, current, u)]);
			const { condition, spikes } = fire(graph, membrane);
			const kept = graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), spikes])]);
			const counted = graph.add('Max', [graph.add('Sub', [rest, graph.scalar(1)]), graph.scalar(0)]);
			return { spikes, states: [kept, graph.add('Where', [condition, graph.scalar(2), counted])] };
		},
		(current, [u = 0, rest = 0]) => {
			const membrane = rest > 0 ? u : u / 2 + current;
			const spike = spikeOf(membrane);
			return { spike, states: [spike ? 0 : membrane, spike ? 2 : Math.max(rest - 1, 0)] };
		},
		{ reset: 'hard' },
		2,
	),
	fireOnce('fires once: Where(fired, 0, s), fired ← min(fired + s, 1)', (graph, spikes, fired) => {
		const done = graph.add('Greater', [fired, graph.scalar(0)]);
		const first = graph.add('Where', [done, graph.scalar(0), spikes]);
		return [first, graph.add('Min', [graph.add('Add', [fired, first]), graph.scalar(1)])];
	}),
	fireOnce('fires once: s * (1 - fired), fired ← max(fired, s)', (graph, spikes, fired) => {
		const first = graph.add('Mul', [spikes, graph.add('Sub', [graph.scalar(1), fired])]);
		return [first, graph.add('Max', [fired, first])];
	}),
	fireOnce('fires once: s and not fired, fired ← fired or s', (graph, spikes, fired) => {
		const [now, before] = [spikes, fired].map((tensor) => graph.add('Cast', [tensor], { to: 9 })) as [string, string];
		const first = graph.add('And', [now, graph.add('Not', [before])]);
		return [cast(graph, first), cast(graph, graph.add('Or', [before, first]))];
	}),
	fireOnce('fires once: what the latch max(fired, s) gained', (graph, spikes, fired) => {
		const latch = graph.add('Max', [fired, spikes]);
		return [graph.add('Sub', [latch, fired]), latch];
	}),
	fireOnce('fires once: what the latch min(fired + s, 1) gained, by Xor', (graph, spikes, fired) => {
		const latch = graph.add('Min', [graph.add('Add', [fired, spikes]), graph.scalar(1)]);
		const [after, before] = [latch, fired].map((tensor) => graph.add('Greater', [tensor, graph.scalar(0)])) as [string, string];
		return [cast(graph, graph.add('Xor', [after, before])), latch];
	}),
	dynamics(
		'a ternary neuron that is silent after a spike, whichever side it was on',
		(graph, current, [u = '', rest = '']) => {
			const membrane = leaky(graph, current, u);
			const free = cast(graph, graph.add('LessOrEqual', [rest, graph.scalar(0)]));
			const sides = graph.add('Sub', [
				cast(graph, graph.add('GreaterOrEqual', [membrane, graph.scalar(1)])),
				cast(graph, graph.add('LessOrEqual', [membrane, graph.scalar(-1)])),
			]);
			const spikes = graph.add('Mul', [sides, free]);
			const size = graph.add('Abs', [spikes]);
			const kept = graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), size])]);
			const counted = graph.add('Relu', [graph.add('Sub', [rest, graph.scalar(1)])]);
			return { spikes, states: [kept, graph.add('Add', [counted, size])] };
		},
		(current, [u = 0, rest = 0]) => {
			const membrane = u / 2 + current;
			const spike = rest > 0 ? 0 : membrane >= 1 ? 1 : membrane <= -1 ? -1 : 0;
			return { spike, states: [spike === 0 ? membrane : 0, Math.max(0, rest - 1) + Math.abs(spike)] };
		},
		{ reset: 'hard' },
		2,
	),
	millivolts('millivolts: u >= -50, reset to -65', (graph, u) => {
		const spikes = cast(graph, graph.add('GreaterOrEqual', [u, graph.scalar(-50)]));
		const kept = graph.add('Mul', [u, graph.add('Sub', [graph.scalar(1), spikes])]);
		return [spikes, graph.add('Add', [kept, mul(graph, spikes, -65)])];
	}),
	millivolts('millivolts: not (u < -50), reset to -65', (graph, u) => {
		const below = graph.add('Less', [u, graph.scalar(-50)]);
		return [cast(graph, graph.add('Not', [below])), graph.add('Where', [below, u, graph.scalar(-65)])];
	}),
	dynamics(
		'conductances that pull the membrane to -100: fires above -10, where it starts',
		(graph, current, [g = '', u = '']) => {
			const conductance = graph.add('Add', [mul(graph, g, 0.5), graph.add('Relu', [current])]);
			const pull = graph.add('Mul', [conductance, graph.add('Sub', [graph.scalar(-100), u])]);
			const membrane = graph.add('Add', [u, mul(graph, pull, 0.125)]);
			const above10 = graph.add('Add', [membrane, graph.scalar(10)]);
			const spikes = cast(graph, graph.add('Greater', [above10, graph.scalar(0)]));
			const kept = graph.add('Mul', [graph.add('Sub', [graph.scalar(1), spikes]), membrane]);
			return { spikes, states: [conductance, graph.add('Add', [kept, mul(graph, spikes, -8)])] };
		},
		(current, [g = 0, u = 0]) => {
			const conductance = g / 2 + Math.max(0, current);
			const membrane = u + (conductance * (-100 - u)) / 8;
			const spike = membrane > -10 ? 1 : 0;
			return { spike, states: [conductance, spike ? -8 : membrane] };
		},
		{ leak: null, threshold: -10, reset: 'hard' },
		2,
	),
];

/** A neuron without reset whose first spike alone counts; a second state says that it has fired. */
function fireOnce(
	name: string,
	first: (graph: ModelBuilder, spikes: string, fired: string) => readonly [spikes: string, fired: string],
): NeuronIdiom {
	return dynamics(
		name,
		(graph, current, [u = '', fired = '']) => {
			const membrane = leaky(graph, current, u);
			const [spikes, next] = first(graph, fire(graph, membrane).spikes, fired);
			return { spikes, states: [graph.add('Identity', [membrane]), next] };
		},
		(current, [u = 0, fired = 0]) => {
			const spike = fired > 0 ? 0 : spikeOf(u / 2 + current);
			return { spike, states: [u / 2 + current, Math.max(fired, spike)] };
		},
		{ reset: 'none' },
		2,
	);
}

/** A neuron that rests at -65 and starts at 0, so that it fires at once; the decision and the reset are written in some way. */
function millivolts(
	name: string,
	decide: (graph: ModelBuilder, membrane: string) => readonly [spikes: string, membrane: string],
): NeuronIdiom {
	return dynamics(
		name,
		(graph, current, [u = '']) => {
			const pull = graph.add('Sub', [graph.add('Add', [mul(graph, current, 64), graph.scalar(-65)]), u]);
			const [spikes, membrane] = decide(graph, graph.add('Add', [u, mul(graph, pull, 0.5)]));
			return { spikes, states: [membrane] };
		},
		(current, [u = 0]) => {
			const membrane = u + (64 * current - 65 - u) / 2;
			return { spike: membrane >= -50 ? 1 : 0, states: [membrane >= -50 ? -65 : membrane] };
		},
		{ threshold: -50, reset: 'hard' },
	);
}
