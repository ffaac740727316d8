/** Operators that make tensors from shapes, constants or chance, and the ones that rule the flow of a graph. */
import { floatAttribute } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';
import { tensorValues } from '../tensors.ts';
import { aligned } from './axes.ts';
import type { ConstantOf, OperatorFacts, ValueCall, ValueRule } from './facts.ts';
import { finite, finitelyMany, isDiscrete, unbounded, union, type ValueSet } from './value-set.ts';

const first = ({ node, of }: ValueCall): ValueSet => of(node.inputs[0] ?? '');
/** Numbers that follow from shapes: no data, no spikes. */
const ofShape: ValueRule = () => ({ kind: 'discrete', spiking: false });
const ofInputs: ValueRule = ({ node, of }) => finitelyMany(node.inputs.filter((name) => name !== '').map(of));

const filled: ValueRule = ({ node }) => {
	const value = node.attributes.get('value');
	return finite(value?.kind === 'tensor' ? tensorValues(value.value) : [0], false);
};

/** Where elements are not zero: of constants it is known. */
const places: ValueRule = (call) => {
	const set = first(call);
	return isDiscrete(set) ? finitelyMany([set]) : unbounded;
};

const random = (values?: ValueRule): OperatorFacts => ({
	elements: 'made',
	varies: () => 'random',
	...(values ? { values } : {}),
});
const made = (values?: ValueRule): OperatorFacts => ({ elements: 'made', ...(values ? { values } : {}) });

/** The switch may be left to whoever runs the graph. */
const drops = (node: GraphNode, constantOf: ConstantOf): boolean => {
	const name = node.inputs[2] ?? '';
	if (name === '') return false;
	const constant = constantOf(name);
	return !constant || tensorValues(constant)[0] !== 0;
};

const dropped: ValueRule = (call) => {
	const set = first(call);
	const on = call.of(call.node.inputs[2] ?? '');
	const off = (call.node.inputs[2] ?? '') === '' || (on.kind === 'finite' && on.values.every((value) => value === 0));
	const mask = finite([0, 1], false);
	if (off) return [set, mask];
	const ratio =
		(call.node.inputs[1] ?? '') === ''
			? finite([floatAttribute(call.node, 'ratio', 0.5)], false)
			: call.of(call.node.inputs[1] ?? '');
	const [share = 0.5] = ratio.kind === 'finite' ? ratio.values : [];
	const kept =
		set.kind === 'finite'
			? finite(
					set.values.map((value) => Math.fround(value / (1 - share))),
					set.spiking,
				)
			: finitelyMany([set]);
	return [union([set, kept, finite([0], false)]), mask];
};

export const making: Readonly<Record<string, OperatorFacts>> = {
	Shape: { ...made(ofShape), readsShape: true },
	Size: { ...made(ofShape), readsShape: true },
	ConstantOfShape: { ...made(filled), sizedBy: [0] },
	EyeLike: made(() => finite([0, 1], false)),
	Range: { ...made(ofInputs), sizedBy: [1] },
	NonZero: made(places),
	HannWindow: made(),
	HammingWindow: made(),
	BlackmanWindow: made(),
	MelWeightMatrix: made(),
	RandomNormal: random(),
	RandomNormalLike: random(),
	RandomUniform: random(),
	RandomUniformLike: random(),
	Multinomial: random(),
	Bernoulli: { ...random(() => finite([0, 1], true)), rewritten: 'chance' },
	Dropout: {
		elements: 'each',
		form: 'same',
		values: dropped,
		axes: aligned,
		rate: 'keeps',
		varies: (node, constantOf) => (drops(node, constantOf) ? 'random' : null),
	},
	DFT: { elements: 'mixed' },
	STFT: { elements: 'mixed' },
	RotaryEmbedding: { elements: 'mixed' },
	NonMaxSuppression: { elements: 'mixed' },
};

const controlled: OperatorFacts = { elements: 'mixed', rewritten: 'control flow', uncounted: true };
const recurrent: OperatorFacts = { elements: 'mixed', rewritten: 'recurrence', uncounted: true };
const sequence: OperatorFacts = { elements: 'moved', rewritten: 'sequence' };

export const control: Readonly<Record<string, OperatorFacts>> = {
	Constant: { elements: 'made', rewritten: 'constant' },
	If: controlled,
	Loop: controlled,
	Scan: controlled,
	LSTM: recurrent,
	GRU: recurrent,
	RNN: recurrent,
	SequenceConstruct: sequence,
	SequenceEmpty: sequence,
	SequenceInsert: sequence,
	SequenceErase: sequence,
	SequenceAt: sequence,
	SequenceLength: { elements: 'made', rewritten: 'sequence', values: ofShape },
	SequenceMap: { ...sequence, elements: 'mixed', uncounted: true },
	ConcatFromSequence: sequence,
	SplitToSequence: sequence,
	Optional: sequence,
	OptionalGetElement: sequence,
	OptionalHasElement: { elements: 'made', rewritten: 'sequence', values: () => finite([0, 1], false) },
};
