// Changes of an ONNX graph that keep it a graph: other wiring, operators, attributes, numbers, types, order. Most results run.
import { attributeFloat, attributeInt, attributeInts, node as newNode, tensorFloat } from './graph-parts.js';

const swaps = [
	['Add', 'Sub', 'Mul', 'Max', 'Min', 'Div'],
	// A decision turned round has other spikes: those that do not fire.
	['Greater', 'GreaterOrEqual'],
	['Less', 'LessOrEqual'],
	['Relu', 'Sigmoid', 'Tanh', 'Abs', 'Neg', 'Identity', 'Floor', 'Sign', 'Elu', 'Softplus', 'HardSigmoid', 'Round'],
	['And', 'Or', 'Xor'],
	['MaxPool', 'AveragePool'],
	['ReduceMean', 'ReduceSum', 'ReduceMax'],
];
const tame = {
	strides: [1, 2, 3],
	pads: [0, 1, 2],
	dilations: [1, 2],
	kernel_shape: [1, 2, 3],
	axis: [-2, -1, 0, 1, 2, 3],
	group: [1, 2, 4],
	transA: [0, 1],
	transB: [0, 1],
	keepdims: [0, 1],
	to: [1, 6, 7, 9, 10, 11],
	ceil_mode: [0, 1],
	count_include_pad: [0, 1],
	perm: [0, 1, 2, 3],
	axes: [-1, 0, 1, 2],
};

/**
 * @param {(noBias: unknown, ...rest: unknown[]) => unknown} draw
 * @param {(size: number) => number} below
 * @param model  a decoded ModelProto, changed in place
 * @param {Map<string, string>} kinds  for each tensor of the seed "type of dims": equal ones can stand for each other
 * @param {(what: string) => void} say  is told what was changed
 */
export function mutateGraph(below, model, kinds, say) {
	const { graph } = model;
	const one = (list) => (list.length > 0 ? list[below(list.length)] : undefined);
	const chosen = one(graph.node);
	if (!chosen) return;
	const same = (name) => [...kinds].filter(([other, kind]) => other !== name && kind === kinds.get(name)).map(([other]) => other);
	/** A tensor made before the node, so that the graph stays without circles. */
	const earlier = (name, node) => {
		const until = graph.node.indexOf(node);
		const made = new Map(graph.node.flatMap(({ output }, at) => output.map((output) => [output, at])));
		return same(name).filter((other) => (made.get(other) ?? -1) < until);
	};
	const readers = (name) => graph.node.filter(({ input }) => input.includes(name));
	const fresh = (name) => {
		let number = 0;
		const names = new Set([...graph.node.flatMap(({ output }) => output), ...graph.initializer.map((tensor) => tensor.name)]);
		while (names.has(`${name}_m${number}`)) number += 1;
		return `${name}_m${number}`;
	};
	/** Puts nodes onto the way from a tensor to one of its readers, or to all. */
	const onto = (make) => {
		const name = chosen.output[0];
		if (!name) return;
		const all = readers(name);
		const to = below(2) ? all : all.length > 0 ? [one(all)] : [];
		const last = fresh(name);
		const made = make(name, last);
		if (!made) return;
		say(`${made.map(({ opType }) => opType).join('+')} between ${name} and ${to.map((reader) => reader.name).join()}`);
		graph.node.splice(graph.node.indexOf(chosen) + 1, 0, ...made);
		for (const reader of to) reader.input = reader.input.map((input) => (input === name ? last : input));
		if (kinds.has(name)) kinds.set(last, kinds.get(name));
	};
	const floats = graph.initializer.filter(
		({ dataType, rawData, floatData }) => dataType === 1 && rawData.length + floatData.length > 0,
	);
	const [type = '', dims = ''] = (kinds.get(chosen.output[0]) ?? '').split(' of ');
	const rank = dims === '' ? 0 : dims.split(',').length;
	switch (below(16)) {
		case 0: {
			// Another tensor of the same kind.
			if (chosen.input.length === 0) return;
			const at = below(chosen.input.length);
			const candidates = earlier(chosen.input[at], chosen);
			const other = one(candidates);
			if (!other) return;
			say(`${chosen.name} (${chosen.opType}) reads ${other} for ${chosen.input[at]}`);
			chosen.input[at] = other;
			return;
		}
		case 1: {
			// The node is left out: its readers get one of its inputs of the same kind.
			const output = chosen.output[0];
			const stand = chosen.input.find((name) => kinds.has(name) && kinds.get(name) === kinds.get(output));
			if (!stand) return;
			say(`${chosen.name} (${chosen.opType}) is left out for ${stand}`);
			for (const reader of readers(output)) reader.input = reader.input.map((name) => (name === output ? stand : name));
			return;
		}
		case 2:
		case 3: {
			const family = swaps.find((names) => names.includes(chosen.opType));
			if (!family) return;
			const other = one(family);
			say(`${chosen.name}: ${chosen.opType} becomes ${other}`);
			chosen.opType = other;
			return;
		}
		case 4: {
			const attribute = one(chosen.attribute);
			const values = tame[attribute?.name];
			if (!values) return;
			say(`${chosen.name} (${chosen.opType}): ${attribute.name}`);
			if (attribute.ints.length > 0) attribute.ints[below(attribute.ints.length)] = BigInt(one(values));
			else attribute.i = BigInt(one(values));
			return;
		}
		case 5: {
			if (floats.length === 0) return;
			const tensor = one(floats);
			say(`numbers of ${tensor.name}`);
			tensorFloat(tensor, (values) => {
				const factor = one([-1, 0, 0.5, 2, 1.5, 1 / 3]);
				if (below(2)) for (let at = 0; at < values.length; at += 1) values[at] *= factor;
				else values[below(values.length)] = one([0, 1, -1, 0.25, 1e-8, 1000]);
			});
			return;
		}
		case 6: {
			if (floats.length === 0) return;
			// Sparse weights: a tenth, a half or nearly all gone.
			const share = one([1, 5, 9]);
			const tensor = one(floats);
			say(`zeros in ${tensor.name}`);
			tensorFloat(tensor, (values) => {
				for (let at = 0; at < values.length; at += 1) if (below(10) < share) values[at] = 0;
			});
			return;
		}
		case 7: {
			// Weights that several nodes share get a copy for one of them.
			const shared = graph.initializer.filter(({ name }) => readers(name).length > 1);
			const tensor = one(shared);
			if (!tensor) return;
			const name = fresh(tensor.name);
			graph.initializer.push({ ...tensor, name });
			const reader = one(readers(tensor.name));
			say(`${reader.name} has its own ${tensor.name}`);
			reader.input = reader.input.map((input) => (input === tensor.name ? name : input));
			return;
		}
		case 8: {
			// Any order in which every node stands behind what it reads.
			const made = new Set(graph.node.flatMap(({ output }) => output));
			const done = new Set();
			const order = [];
			let open = [...graph.node];
			while (open.length > 0) {
				const ready = open.filter(({ input }) => input.every((name) => !made.has(name) || done.has(name)));
				if (ready.length === 0) return;
				const next = one(ready);
				order.push(next);
				for (const name of next.output) done.add(name);
				open = open.filter((node) => node !== next);
			}
			say('other order');
			graph.node = order;
			return;
		}
		case 9:
			return onto((from, to) => [newNode('Identity', [from], [to])]);
		case 10:
			return type === 'float32'
				? onto((from, to) => [newNode('Neg', [from], [`${to}a`]), newNode('Neg', [`${to}a`], [to])])
				: undefined;
		case 11: {
			if (rank < 2) return undefined;
			const perm = [...new Array(rank).keys()];
			const [a, b] = [below(rank), below(rank)];
			[perm[a], perm[b]] = [perm[b], perm[a]];
			return onto((from, to) => [
				newNode('Transpose', [from], [`${to}a`], [attributeInts('perm', perm)]),
				newNode('Transpose', [`${to}a`], [to], [attributeInts('perm', perm)]),
			]);
		}
		case 12: {
			if (type !== 'float32') return undefined;
			const wide = one([10, 11]);
			return onto((from, to) => [
				newNode('Cast', [from], [`${to}a`], [attributeInt('to', wide)]),
				newNode('Cast', [`${to}a`], [to], [attributeInt('to', 1)]),
			]);
		}
		case 13: {
			if (type !== 'float32') return undefined;
			// A gain of the spikes, or of the current.
			return onto((from, to) => [
				newNode('Constant', [], [`${to}c`], [attributeFloat('value_float', one([0.5, 2, -1, 0.1, 1]))]),
				newNode('Mul', [from, `${to}c`], [to]),
			]);
		}
		case 14: {
			if (type !== 'float32') return undefined;
			// Two tensors of a kind become one.
			const other = one(same(chosen.output[0]).filter((name) => earlier(chosen.output[0], chosen).includes(name)));
			if (!other) return undefined;
			return onto((from, to) => [newNode(one(['Add', 'Mul', 'Sub', 'Max']), [from, other], [to])]);
		}
		default: {
			// A dead copy that nobody reads.
			say(`dead copy of ${chosen.name}`);
			const copy = { ...chosen, name: fresh(chosen.name || 'node'), output: chosen.output.map(fresh) };
			graph.node.splice(graph.node.indexOf(chosen) + 1, 0, copy);
			return undefined;
		}
	}
}
