import { type GraphNode, node } from '../../src/model/graph.ts';
import { float32Scalar, float32Tensor } from '../../src/model/tensors.ts';
import { withoutZeroStates } from '../../src/simulation/zero-states.ts';

const constants = new Map([
	['leak', float32Scalar(0.9)],
	['leaks', float32Tensor([0.5, 0.9], [2, 1, 1])],
	['infinite', float32Scalar(Number.POSITIVE_INFINITY)],
	['wide', float32Tensor([1, 1, 1], [3, 1, 1, 1])],
]);
const shapes = new Map([
	['u', [1, 2, 3, 3]],
	['current', [1, 2, 3, 3]],
	['bias', [1, 2, 1, 1]],
]);
const rewritten = (nodes: readonly GraphNode[], zeros: readonly string[] = ['u']): string[] =>
	withoutZeroStates(nodes, { zeros: new Set(zeros), shapes, constants }).map(
		({ op, inputs, outputs }) => `${outputs[0]} = ${op}(${inputs.join()})`,
	);
const op = (name: string, inputs: readonly string[], output: string): GraphNode => node(name, inputs, [output]);

test.each([
	['leak', 'u', 'leak'],
	['leak in front', 'leak', 'u'],
	['leak by channel', 'u', 'leaks'],
])('a %s times zero plus the current is the current', (_, first, second) => {
	expect(rewritten([op('Mul', [first, second], 'kept'), op('Add', ['kept', 'current'], 'membrane')])).toEqual([
		`kept = Mul(${first},${second})`,
		'membrane = Identity(current)',
	]);
});

test('zero is left out as a summand on either side and as a subtrahend, not as a minuend', () => {
	const nodes = [
		op('Add', ['u', 'current'], 'a'),
		op('Add', ['current', 'u'], 'b'),
		op('Sub', ['current', 'u'], 'c'),
		op('Sub', ['u', 'current'], 'd'),
	];
	expect(rewritten(nodes)).toEqual([
		'a = Identity(current)',
		'b = Identity(current)',
		'c = Identity(current)',
		'd = Sub(u,current)',
	]);
});

test.each([
	['a state that starts elsewhere', [op('Add', ['u', 'current'], 'a')], []],
	['a summand that zero broadcasts', [op('Add', ['u', 'bias'], 'a')], ['u']],
	['a summand of unknown shape', [op('Add', ['u', 'other'], 'a')], ['u']],
	['an infinite leak', [op('Mul', ['u', 'infinite'], 'k'), op('Add', ['k', 'current'], 'a')], ['u']],
	['a leak that widens the state', [op('Mul', ['u', 'wide'], 'k'), op('Add', ['k', 'current'], 'a')], ['u']],
	['a factor that is no constant', [op('Mul', ['u', 'other'], 'k'), op('Add', ['k', 'current'], 'a')], ['u']],
	['an operator of another domain', [node('Add', ['u', 'current'], ['a'], { domain: 'com.example' })], ['u']],
] as const)('%s stays', (_, nodes, zeros) => {
	expect(rewritten(nodes, zeros)).toEqual(nodes.map(({ op, inputs, outputs }) => `${outputs[0]} = ${op}(${inputs.join()})`));
});
