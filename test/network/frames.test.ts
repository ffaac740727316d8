import { framesOf } from '../../src/network/frames.ts';
import { indexGraph } from '../../src/network/graph-index.ts';
import { modelBuilder, weights } from '../support/model-builder.ts';

test('timesteps taken out of the input one by one are frames, by Gather and by Split, and larger parts are none', () => {
	const graph = modelBuilder();
	graph.input('x', [4, 'batch', 6]);
	graph.constant('w', weights([6, 2]));
	graph.constant('last', { type: 'int64', dims: [], bytes: new Uint8Array(BigInt64Array.of(-1n).buffer) });
	const frame = graph.add('Gather', ['x', 'last'], { axis: 0 });
	graph.output(graph.add('MatMul', [frame, 'w']));
	const model = graph.build({ opset: 13 });
	const split = (outputs: readonly string[]) => ({
		...model.graph,
		nodes: [
			{
				name: 's',
				op: 'Split',
				domain: '',
				inputs: ['x'],
				outputs,
				attributes: new Map([['axis', { kind: 'int' as const, value: 0 }]]),
			},
			...model.graph.nodes,
		],
	});
	const frames = (outputs: readonly string[]) =>
		[...framesOf(indexGraph(split(outputs)), 4)].map(([name, one]) => [name, one.frame]);
	expect(frames(['a', 'b', 'c', 'd'])).toEqual([
		['a', 0],
		['b', 1],
		['c', 2],
		['d', 3],
		[frame, 3],
	]);
	expect(frames(['a', 'b'])).toEqual([[frame, 3]]);
});
