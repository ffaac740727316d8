import { microsoft, type OperatorFacts, operatorFacts, standard } from '../../src/model/operators/index.ts';
import { microsoftNames, standardNames } from '../support/onnxruntime-operators.ts';
import { violations } from '../support/operator-claims.ts';
import { type Example, examples } from '../support/operator-examples.ts';
import { type Observations, observe } from '../support/operator-observations.ts';

interface Named {
	readonly op: string;
	readonly domain: string;
}
const label = ({ op, domain }: Named): string => (domain === '' ? op : `${domain}:${op}`);
const words = (list: string): string[] => list.trim().split(/\s+/);

const small = new Map<Example, Observations>();
const observed = async (example: Example): Promise<Observations> => {
	const seen = small.get(example) ?? (await observe(example, 2, 4));
	small.set(example, seen);
	return seen;
};

test.each(examples.map((example) => [label(example), example] as const))(
	'%s does what its row says, at two sizes and two batches',
	async (_, example) => {
		expect(violations(operatorFacts(example), await observed(example))).toEqual([]);
		expect(violations(operatorFacts(example), await observe(example, 3, 5))).toEqual([]);
	},
);

/** Rows that one operator alone does not show: what the table says of each, in a word. */
const unshown: Readonly<Record<string, readonly string[]>> = {
	'written out before structure is looked for': words(`
		Constant Einsum If Loop Scan LSTM GRU RNN SequenceConstruct SequenceEmpty SequenceInsert SequenceErase SequenceAt SequenceLength
		SequenceMap ConcatFromSequence SplitToSequence Optional OptionalGetElement OptionalHasElement`),
	'holds weights or products that are not taken apart': words(`
		DeformConv Attention LinearAttention CausalConvWithState com.microsoft:Attention com.microsoft:MultiHeadAttention
		com.microsoft:GroupQueryAttention com.microsoft:DecoderMaskedMultiHeadAttention com.microsoft:QAttention
		com.microsoft:SparseAttention com.microsoft:LinearAttention com.microsoft:EmbedLayerNormalization
		com.microsoft:QEmbedLayerNormalization com.microsoft:AttnLSTM com.microsoft:DynamicQuantizeLSTM com.microsoft:MatMulNBits
		com.microsoft:MatMulBnb4 com.microsoft:MatMulFpQ4 com.microsoft:SparseToDenseMatMul
		com.microsoft:ConvTransposeWithDynamicPads com.microsoft:CausalConvWithState com.microsoft:MoE com.microsoft:QMoE
		com.microsoft:WordConvEmbedding`),
	'draws random numbers': words('RandomNormal RandomUniform'),
	'applies weights': words('com.microsoft:QLinearConv com.microsoft:MatMulInteger16 com.microsoft:TransposeMatMul'),
	'makes a tensor': words(`
		ConstantOfShape Range HannWindow HammingWindow BlackmanWindow MelWeightMatrix com.microsoft:Range`),
	'moves elements': words('TensorScatter MaxUnpool com.microsoft:ExpandDims com.microsoft:GatherBlockQuantized'),
	'chooses elements': words('com.microsoft:NhwcMaxPool com.microsoft:MaxpoolWithMask'),
	'works element by element': words('BitCast Swish com.microsoft:ScaledSiLU com.microsoft:GatedAdd'),
	'mixes elements': words(`
		CumProd DFT STFT RotaryEmbedding NonMaxSuppression com.microsoft:RotaryEmbedding com.microsoft:CropAndResize
		com.microsoft:QLinearReduceMean`),
};

function inAWord(facts: OperatorFacts | undefined): string {
	if (!facts) return 'no row';
	if (facts.rewritten) return 'written out before structure is looked for';
	if (facts.uncounted) return 'holds weights or products that are not taken apart';
	if (facts.weights) return 'applies weights';
	const node = { op: '', domain: '', name: '', inputs: [], outputs: [], attributes: new Map() };
	if (facts.varies?.(node, () => null) === 'random') return 'draws random numbers';
	const kinds = {
		made: 'makes a tensor',
		moved: 'moves elements',
		chosen: 'chooses elements',
		each: 'works element by element',
		mixed: 'mixes elements',
	} as const;
	return kinds[facts.elements];
}

const named = (name: string): Named => {
	const at = name.indexOf(':');
	return at < 0 ? { op: name, domain: '' } : { op: name.slice(at + 1), domain: name.slice(0, at) };
};

test.each(Object.entries(unshown))('what %s says so in its row', (word, names) => {
	expect(names.map((name) => `${name}: ${inAWord(operatorFacts(named(name)))}`)).toEqual(names.map((name) => `${name}: ${word}`));
});

const table = [...Object.keys(standard), ...Object.keys(microsoft).map((op) => `com.microsoft:${op}`)];

test('every row has an example or stands in the list above, once', () => {
	expect([...examples.map(label), ...Object.values(unshown).flat()].sort()).toEqual([...table].sort());
});

test('what onnxruntime runs has a row, but for strings, losses and operators of language models alone', () => {
	const missing = (names: readonly string[], domain: string): string[] => names.filter((op) => !operatorFacts({ op, domain }));
	expect(missing(standardNames, '')).toEqual(
		words(
			'ImageDecoder NegativeLogLikelihoodLoss RegexFullMatch SoftmaxCrossEntropyLoss StringConcat StringNormalizer StringSplit TfIdfVectorizer',
		),
	);
	expect(missing(microsoftNames, 'com.microsoft')).toEqual(
		words(`
			BeamSearch BifurcationDetector BranchwiseRMSNorm CDist DynamicTimeWarping EngramGate GatedDeltaNet GatedRMSNorm GatherPacked
			GreedySearch HyperConnectionPostMix HyperConnectionPreMix LinearAttentionGate MRotaryEmbedding MoEGroupRouter MurmurHash3
			NGramHashMapping NGramRepeatBlock SampleOp Sampling Tokenizer UnfoldTensor VarlenCausalConvWithState VarlenNGramHashMapping
			WhisperBeamSearch`),
	);
});

/** How far along the list a row's partners stand. */
const partners = [1, 11, 37, 61, 97];

test('a row that is dropped, or exchanged with another, is noticed', async () => {
	const unnoticed: string[] = [];
	for (const [at, example] of examples.entries()) {
		const seen = await observed(example);
		if (violations(undefined, seen).length === 0) unnoticed.push(`${label(example)} dropped`);
		let found = 0;
		for (const step of partners) {
			const other = examples[(at + step) % examples.length] as Example;
			const [own, foreign] = [operatorFacts(example), operatorFacts(other)];
			const noticed = violations(foreign, seen).length > 0 || violations(own, await observed(other)).length > 0;
			if (noticed) found += 1;
		}
		// Neighbours may say the same of two functions that differ in nothing the project looks at (Elu, Celu).
		if (found < 2) unnoticed.push(`${label(example)} exchanged: ${found} of ${partners.length}`);
	}
	expect(unnoticed).toEqual([]);
	const exchanged = Object.entries(unshown).flatMap(([word, names]) =>
		names.filter((name) => {
			const other = Object.entries(unshown).find(([another]) => another !== word)?.[1][0] ?? '';
			return inAWord(operatorFacts(named(other))) === word || inAWord(undefined) === word || name === other;
		}),
	);
	expect(exchanged).toEqual([]);
});
