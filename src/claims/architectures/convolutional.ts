import { published } from '../../network/architecture-lists.ts';
import { type ClaimArchitecture, elementsOf, type FeatureMap, type LayerStack, layerStack, windowed } from '../layers.ts';

const group =
	'the layer lists of the IIR-SNN group: S. S. Chowdhury, N. Rathi, K. Roy, "One timestep is all you need", arXiv:2110.05929; github.com/SayeedChowdhury/IIR-SNN';

/** A published layer list of the IIR-SNN group: biased convolutions (normalisation folded in), dense layers without bias. */
export function groupNetwork(name: string, side: number, classes: number): ClaimArchitecture {
	const list = published[name] as (typeof published)[string];
	const stack = layerStack();
	let map: FeatureMap = { channels: 3, height: side, width: side };
	let index = 0;
	const convolve = (from: FeatureMap, channels: number, kernel: number, stride: number): FeatureMap => {
		index += 1;
		const input = index === 1 ? 'analog' : 'spikes';
		return stack.convolve(`conv${index}`, from, channels, { kernel, stride, bias: true, norm: false, input });
	};
	for (const layer of list.features) {
		if ('pool' in layer) map = windowed(map, layer.pool, layer.pool, 0);
		else if ('conv' in layer) map = stack.fire(convolve(map, layer.conv, layer.kernel ?? 3, layer.stride ?? 1));
		else if ('residual' in layer) {
			const { residual: channels, stride = 1 } = layer;
			const before = map;
			map = stack.fire(convolve(before, channels, 3, stride));
			map = stack.fire(convolve(map, channels, 3, 1));
			if (stride !== 1 || before.channels !== channels) convolve(before, channels, 1, stride);
		}
	}
	for (const [at, units] of list.classifier.entries()) map = stack.fire(stack.connect(`fc${at + 1}`, map, units));
	stack.connect('classes', map, classes);
	return stack.finish(name, group);
}

const vggPlans: Readonly<Record<number, readonly number[]>> = {
	11: [1, 1, 2, 2, 2],
	13: [2, 2, 2, 2, 2],
	16: [2, 2, 3, 3, 3],
	19: [2, 2, 4, 4, 4],
};

/** K. Simonyan, A. Zisserman: five stages of 64 to 512 channels, a pooling behind each, two dense layers of 4096. */
export function vggImageNet(depth: number, side: number, classes: number): ClaimArchitecture {
	const stack = layerStack();
	let map: FeatureMap = { channels: 3, height: side, width: side };
	let index = 0;
	for (const [stage, count] of (vggPlans[depth] as readonly number[]).entries()) {
		for (let at = 0; at < count; at += 1) {
			index += 1;
			const input = index === 1 ? 'analog' : 'spikes';
			map = stack.fire(stack.convolve(`conv${index}`, map, Math.min(512, 64 << stage), { bias: true, norm: false, input }));
		}
		map = windowed(map, 2, 2, 0);
	}
	for (const name of ['fc1', 'fc2']) map = stack.fire(stack.connect(name, map, 4096, { bias: true }));
	stack.connect('fc3', map, classes, { bias: true });
	return stack.finish(`vgg${depth}`, 'K. Simonyan, A. Zisserman, arXiv:1409.1556');
}

const resnetPlans: Readonly<Record<number, readonly [number, number, number, number]>> = {
	18: [2, 2, 2, 2],
	34: [3, 4, 6, 3],
	50: [3, 4, 6, 3],
	101: [3, 4, 23, 3],
	152: [3, 8, 36, 3],
};

export const resnetDepths = Object.keys(resnetPlans).map(Number);
export const vggDepths = Object.keys(vggPlans).map(Number);

/** Convolutions of one residual block, neurons behind each and behind the shortcut's. */
function residualBlock(
	stack: LayerStack,
	prefix: string,
	from: FeatureMap,
	planes: number,
	stride: number,
	bottleneck: boolean,
): FeatureMap {
	const channels = bottleneck ? 4 * planes : planes;
	let map = from;
	const plan = bottleneck
		? [
				{ channels: planes, kernel: 1, stride: 1 },
				{ channels: planes, kernel: 3, stride },
				{ channels, kernel: 1, stride: 1 },
			]
		: [
				{ channels: planes, kernel: 3, stride },
				{ channels: planes, kernel: 3, stride: 1 },
			];
	for (const [at, step] of plan.entries()) map = stack.fire(stack.convolve(`${prefix}.conv${at + 1}`, map, step.channels, step));
	if (stride !== 1 || from.channels !== channels)
		stack.fire(stack.convolve(`${prefix}.downsample`, from, channels, { kernel: 1, stride }));
	return map;
}

/**
 * ResNet-18 to -152 with spiking neurons (W. Fang et al., "Deep residual learning in spiking neural networks", NeurIPS 2021).
 * SEW, MS and plain spiking residuals differ in where spikes are added, not in their weights.
 */
export function resnetImageNet(name: string, depth: number, side: number, classes: number): ClaimArchitecture {
	const stack = layerStack();
	let map = stack.convolve('conv1', { channels: 3, height: side, width: side }, 64, { kernel: 7, stride: 2, input: 'analog' });
	map = windowed(stack.fire(map), 3, 2, 1);
	const bottleneck = depth >= 50;
	for (const [stage, count] of (resnetPlans[depth] as readonly number[]).entries()) {
		for (let block = 0; block < count; block += 1) {
			const stride = stage > 0 && block === 0 ? 2 : 1;
			map = residualBlock(stack, `layer${stage + 1}.${block}`, map, 64 << stage, stride, bottleneck);
		}
	}
	stack.connect('fc', { ...map, height: 1, width: 1 }, classes, { bias: true, input: 'mean' });
	return stack.finish(
		`${name}-${depth}`,
		'W. Fang et al., "Deep residual learning in spiking neural networks", NeurIPS 2021; github.com/fangwei123456/Spike-Element-Wise-ResNet at cfc547c',
	);
}

/** H. Zheng et al., "Going deeper with directly-trained larger spiking neural networks", AAAI 2021 (tdBN): 128×3, 256×3, 512×2 blocks. */
export function resnet19(side: number, classes: number): ClaimArchitecture {
	const stack = layerStack();
	let map = stack.fire(stack.convolve('conv1', { channels: 3, height: side, width: side }, 128, { input: 'analog' }));
	for (const [stage, [channels, count]] of [
		[128, 3],
		[256, 3],
		[512, 2],
	].entries() as IterableIterator<[number, [number, number]]>) {
		for (let block = 0; block < count; block += 1) {
			const stride = stage > 0 && block === 0 ? 2 : 1;
			const from = map;
			const prefix = `layer${stage + 1}.${block}`;
			map = stack.fire(stack.convolve(`${prefix}.conv1`, from, channels, { stride }));
			map = stack.fire(stack.convolve(`${prefix}.conv2`, map, channels));
			if (stride !== 1 || from.channels !== channels)
				stack.convolve(`${prefix}.downsample`, from, channels, { kernel: 1, stride });
		}
	}
	const pooled = { ...map, height: 1, width: 1 };
	map = stack.fire(stack.connect('fc1', pooled, Math.min(256, elementsOf(pooled)), { bias: true }));
	stack.connect('fc2', map, classes, { bias: true });
	return stack.finish(
		'resnet19',
		'H. Zheng et al., "Going deeper with directly-trained larger spiking neural networks", AAAI 2021 (widths of the public re-implementations)',
	);
}
