/** The layer lists of the IIR-SNN group as data: no files, no options. `architectures.ts` reads what a user writes. */

/** One entry of a layer list. Every convolution, residual block and hidden dense layer is followed by a neuron. */
export type LayerSpecification =
	| { readonly conv: number; readonly kernel?: number; readonly stride?: number }
	| { readonly pool: number }
	| { readonly dense: number }
	| { readonly residual: number; readonly stride?: number };

export const pool2: LayerSpecification = { pool: 2 };

/** 'A' is a 2×2 pooling, a number a 3×3 convolution: the notation of the published configurations. */
function convolutions(list: string): LayerSpecification[] {
	return list.split(' ').map((entry) => (entry === 'A' ? pool2 : { conv: Number(entry) }));
}

function residualStages(blocks: readonly number[]): LayerSpecification[] {
	const widths = [64, 128, 256, 512];
	const stages = blocks.flatMap((count, stage) =>
		Array.from(
			{ length: count },
			(_, block): LayerSpecification => ({ residual: widths[stage] ?? 512, stride: stage > 0 && block === 0 ? 2 : 1 }),
		),
	);
	return [{ conv: 64 }, { conv: 64 }, { conv: 64 }, pool2, ...stages];
}

/** Feature layers and hidden classifier sizes as published by the IIR-SNN group. */
export const published: Readonly<
	Record<string, { readonly features: readonly LayerSpecification[]; readonly classifier: readonly number[] }>
> = {
	vgg6: { features: convolutions('64 A 128 128 A'), classifier: [4096, 4096] },
	vgg9: { features: convolutions('64 A 128 256 A 256 512 A 512 A 512'), classifier: [4096, 4096] },
	vgg11: { features: convolutions('64 A 128 256 A 512 512 A 512 A 512 512'), classifier: [4096, 4096] },
	vgg16: { features: convolutions('64 64 A 128 128 A 256 256 256 A 512 512 512 A 512 512 512'), classifier: [4096, 4096] },
	resnet12: { features: residualStages([1, 1, 1, 1]), classifier: [] },
	resnet20: { features: residualStages([2, 2, 2, 2]), classifier: [] },
};
