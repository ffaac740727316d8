import { type ClaimArchitecture, type FeatureMap, type LayerStack, layerStack, windowed } from '../layers.ts';

/** Blocks, channels, image side, classes: what the names of published spiking transformers say. */
export interface TransformerSizes {
	readonly blocks: number;
	readonly channels: number;
	/** Height and width of the picture. */
	readonly side: number;
	readonly classes: number;
}

/** Attention heads as the authors' ImageNet configurations choose them. */
const headsOf = (channels: number): number => (channels === 768 ? 12 : 8);

const halved = (map: FeatureMap): FeatureMap => windowed(map, 3, 2, 1);

/** One token an element of the map. */
const tokensOf = ({ height, width }: FeatureMap): number => height * width;

/**
 * The patch splitting shared by Spikformer, Spikingformer and the Spike-driven Transformer: four 3×3 convolutions of
 * D/8, D/4, D/2 and D channels and a fifth for the position, with a pooling behind the last `pools` of the four.
 */
function splitPatches(
	stack: LayerStack,
	{ channels, side }: TransformerSizes,
	names: readonly string[],
	pools: number,
): FeatureMap {
	let map: FeatureMap = { channels: 3, height: side, width: side };
	for (const [index, share] of [8, 4, 2, 1].entries()) {
		const input = index === 0 ? 'analog' : 'spikes';
		map = stack.convolve(names[index] as string, map, Math.floor(channels / share), { input });
		if (index >= 4 - pools) map = halved(map);
	}
	return stack.convolve(names[4] as string, map, channels);
}

/** Neurons behind the five convolutions; pooling stands before or behind a neuron, and before it fewer fire. */
function splitNeurons(
	stack: LayerStack,
	{ channels, side }: TransformerSizes,
	pools: number,
	pooledFirst: readonly boolean[],
): void {
	let size = side;
	for (const [index, share] of [8, 4, 2, 1].entries()) {
		const pooled = index >= 4 - pools ? Math.floor((size - 1) / 2) + 1 : size;
		const fires = pooledFirst[index] ? pooled : size;
		stack.fire({ channels: Math.floor(channels / share), height: fires, width: fires });
		size = pooled;
	}
}

interface BlockOptions {
	readonly attention: 'tokens' | 'channels' | 'mask';
	readonly heads: number;
	/** Name of the attention module (default attn). */
	readonly module?: string;
	/** Dense layers with a bias everywhere, as the CIFAR models write them. */
	readonly biased: boolean;
	/** Names of the two layers of the multilayer perceptron. */
	readonly mlp: readonly [string, string];
	readonly layer: string;
}

/** Self-attention and multilayer perceptron of four times the channels. */
function block(stack: LayerStack, prefix: string, map: FeatureMap, options: BlockOptions): void {
	const { channels } = map;
	const { module = 'attn' } = options;
	const tokens = tokensOf(map);
	const pointwise = (name: string, from: FeatureMap, to: number, bias: boolean): FeatureMap =>
		stack.convolve(`${prefix}.${name}`, from, to, { kernel: 1, bias });
	for (const name of ['q', 'k', 'v']) stack.fire(pointwise(`${module}.${name}_${options.layer}`, map, channels, options.biased));
	if (options.attention === 'mask') {
		// Keys and values meet element by element, are summed over the tokens, and mask the queries: no products of matrices.
		stack.multiply(`${prefix}.${module}.kv`, tokens * channels);
		stack.multiply(`${prefix}.${module}.qkv`, tokens * channels);
		stack.fire({ channels, height: 1, width: 1 });
	} else {
		// (QKᵀ)V of tokens × tokens, or Q(KᵀV) of channels × channels: the same result without a softmax.
		const inner = options.attention === 'channels' ? channels / options.heads : tokens;
		const names = options.attention === 'channels' ? ['kv', 'qkv'] : ['qk', 'qkv'];
		for (const name of names) stack.multiply(`${prefix}.${module}.${name}`, tokens * channels * inner);
		stack.fire(map);
	}
	stack.fire(pointwise(`${module}.proj_${options.layer}`, map, channels, true));
	const hidden = pointwise(`mlp.${options.mlp[0]}`, map, 4 * channels, true);
	stack.fire(hidden);
	stack.fire(pointwise(`mlp.${options.mlp[1]}`, hidden, channels, true));
}

/** Four poolings of ImageNet's patches of 16, two of CIFAR's patches of 4. */
const poolsOf = (side: number): number => (side >= 64 ? 4 : 2);

const splitNames = ['proj_conv', 'proj_conv1', 'proj_conv2', 'proj_conv3', 'rpe_conv'];

/** Z. Zhou et al., "Spikformer: When spiking neural network meets transformer", ICLR 2023. */
export function spikformer(sizes: TransformerSizes): ClaimArchitecture {
	const stack = layerStack();
	const pools = poolsOf(sizes.side);
	const map = splitPatches(stack, sizes, splitNames, pools);
	splitNeurons(stack, sizes, pools, []);
	stack.fire(map);
	const cifar = sizes.side < 64;
	for (let index = 0; index < sizes.blocks; index += 1) {
		// The CIFAR model multiplies queries with keys first, the ImageNet model keys with values.
		block(stack, `block.${index}`, map, {
			attention: cifar ? 'tokens' : 'channels',
			heads: headsOf(sizes.channels),
			biased: cifar,
			mlp: cifar ? ['fc1_linear', 'fc2_linear'] : ['fc1_conv', 'fc2_conv'],
			layer: cifar ? 'linear' : 'conv',
		});
		stack.keep(layerNorms(sizes.channels));
	}
	stack.connect('head', { channels: map.channels, height: 1, width: 1 }, sizes.classes, { bias: true, input: 'mean' });
	return stack.finish(
		`spikformer-${sizes.blocks}-${sizes.channels}`,
		'Z. Zhou et al., "Spikformer: When spiking neural network meets transformer", ICLR 2023; github.com/ZK-Zhou/spikformer at 6212689',
	);
}

/** Two layer normalisations a block that the published code declares and never uses: part of its parameter count. */
const layerNorms = (channels: number): number => 2 * 2 * channels;

/** C. Zhou et al., "Spikingformer", arXiv:2304.11954: Spikformer with neurons in front of the weights. */
export function spikingformer(sizes: TransformerSizes): ClaimArchitecture {
	const stack = layerStack();
	const pools = poolsOf(sizes.side);
	const names = ['proj_conv', 'proj1_conv', 'proj2_conv', 'proj3_conv', 'proj4_conv'];
	const map = splitPatches(stack, sizes, names, pools);
	splitNeurons(stack, sizes, pools, []);
	for (let index = 0; index < sizes.blocks; index += 1) {
		block(stack, `block.${index}`, map, {
			attention: 'channels',
			heads: headsOf(sizes.channels),
			biased: false,
			mlp: ['mlp1_conv', 'mlp2_conv'],
			layer: 'conv',
		});
		stack.keep(layerNorms(sizes.channels));
	}
	stack.connect('head', { channels: map.channels, height: 1, width: 1 }, sizes.classes, { bias: true, input: 'mean' });
	return stack.finish(
		`spikingformer-${sizes.blocks}-${sizes.channels}`,
		'C. Zhou et al., "Spikingformer: Spike-driven residual learning for transformer-based spiking neural network", arXiv:2304.11954; github.com/zhouchenlin2096/Spikingformer at 4378623',
	);
}

/** M. Yao et al., "Spike-driven Transformer", NeurIPS 2023: attention by masks and sums. */
export function spikeDrivenTransformer(sizes: TransformerSizes): ClaimArchitecture {
	const stack = layerStack();
	const heads = 8;
	const pools = poolsOf(sizes.side);
	const map = splitPatches(stack, sizes, splitNames, pools);
	// The fourth pooling stands before its neurons, and the position convolution feeds the first block's.
	splitNeurons(stack, sizes, pools, [false, false, false, true]);
	for (let index = 0; index < sizes.blocks; index += 1)
		block(stack, `block.${index}`, map, {
			attention: 'mask',
			heads,
			biased: false,
			mlp: ['fc1_conv', 'fc2_conv'],
			layer: 'conv',
		});
	// A convolution between heads that the published code declares and never uses.
	stack.keep(sizes.blocks * heads ** 2);
	stack.fire({ channels: map.channels, height: 1, width: 1 });
	stack.connect('head', { channels: map.channels, height: 1, width: 1 }, sizes.classes, { bias: true });
	return stack.finish(
		`sdt-${sizes.blocks}-${sizes.channels}`,
		'M. Yao et al., "Spike-driven Transformer", NeurIPS 2023, arXiv:2307.01694; github.com/BICLab/Spike-Driven-Transformer at 3faa822',
	);
}

/** The two convolutions and the shortcut of a patch embedding of QKFormer. */
function embedPatches(
	stack: LayerStack,
	prefix: string,
	names: readonly [string, string],
	from: FeatureMap,
	channels: number,
	pooled: 'first' | 'second' | 'none',
) {
	let map = stack.convolve(`${prefix}.${names[0]}`, from, channels);
	if (pooled === 'first') map = halved(map);
	stack.fire(map);
	map = stack.convolve(`${prefix}.${names[1]}`, map, channels);
	if (pooled === 'second') map = halved(map);
	stack.fire(map);
	const stride = pooled === 'none' ? 1 : 2;
	stack.fire(stack.convolve(`${prefix}.proj_res_conv`, from, channels, { kernel: 1, stride, padding: 0 }));
	return map;
}

/** Token attention by queries and keys: sums over a head's channels mask the keys. */
function tokenBlock(stack: LayerStack, prefix: string, map: FeatureMap, heads: number, mlp: readonly [string, string]): void {
	const { channels } = map;
	for (const name of ['q', 'k']) stack.fire(stack.convolve(`${prefix}.tssa.${name}_conv`, map, channels, { kernel: 1 }));
	stack.multiply(`${prefix}.tssa.q_sum`, tokensOf(map) * channels);
	stack.multiply(`${prefix}.tssa.qk`, tokensOf(map) * channels);
	stack.fire({ ...map, channels: heads });
	stack.fire(stack.convolve(`${prefix}.tssa.proj_conv`, map, channels, { kernel: 1, bias: true }));
	const hidden = stack.fire(stack.convolve(`${prefix}.mlp.${mlp[0]}`, map, 4 * channels, { kernel: 1, bias: true }));
	stack.fire(stack.convolve(`${prefix}.mlp.${mlp[1]}`, hidden, channels, { kernel: 1, bias: true }));
}

/** C. Zhou et al., "QKFormer: Hierarchical spiking transformer using Q-K attention", NeurIPS 2024: three stages of D/4, D/2 and D channels. */
export function qkformer(sizes: TransformerSizes): ClaimArchitecture {
	const { blocks, channels, side } = sizes;
	const stack = layerStack();
	const cifar = side < 64;
	const mlp: readonly [string, string] = cifar ? ['mlp1_conv', 'mlp2_conv'] : ['fc1_conv', 'fc2_conv'];
	const heads = cifar ? 8 : channels / 64;
	const [quarter, half] = [Math.floor(channels / 4), Math.floor(channels / 2)];
	const picture = { channels: 3, height: side, width: side };
	let map = stack.convolve('patch_embed1.proj_conv', picture, Math.floor(quarter / 2), { input: 'analog' });
	if (!cifar) map = halved(map);
	stack.fire(map);
	if (cifar) {
		const shortcut = map;
		map = stack.fire(stack.convolve('patch_embed1.proj1_conv', map, quarter));
		stack.fire(stack.convolve('patch_embed1.proj_res_conv', shortcut, quarter, { kernel: 1 }));
	} else map = embedPatches(stack, 'patch_embed1', ['proj1_conv', 'proj2_conv'], map, quarter, 'first');
	tokenBlock(stack, 'stage1.0', map, heads, mlp);
	map = embedPatches(stack, 'patch_embed2', ['proj3_conv', 'proj4_conv'], map, half, cifar ? 'second' : 'first');
	const tokenBlocks = cifar ? 1 : 2;
	for (let index = 0; index < tokenBlocks; index += 1) tokenBlock(stack, `stage2.${index}`, map, heads, mlp);
	map = embedPatches(stack, 'patch_embed3', ['proj3_conv', 'proj4_conv'], map, channels, cifar ? 'second' : 'first');
	for (let index = 0; index < blocks - 1 - tokenBlocks; index += 1)
		block(stack, `stage3.${index}`, map, {
			attention: 'channels',
			heads,
			module: cifar ? 'ssa' : 'attn',
			biased: false,
			mlp,
			layer: 'conv',
		});
	stack.connect('head', { channels, height: 1, width: 1 }, sizes.classes, { bias: true, input: 'mean' });
	return stack.finish(
		`qkformer-${blocks}-${channels}`,
		'C. Zhou et al., "QKFormer: Hierarchical spiking transformer using Q-K attention", NeurIPS 2024, arXiv:2403.16552; github.com/zhouchenlin2096/QKFormer at c2a00e8',
	);
}
