/**
 * Results others have published, as they stand in their sources. Only figures that were read in the source
 * (or in a table of a later paper that quotes it, then named) are here; what is only remembered is left out.
 */

/** Accuracy of one published network at one number of timesteps. */
export interface PublishedAccuracy {
	readonly method: string;
	readonly network: string;
	readonly dataset: 'CIFAR-10' | 'CIFAR-100' | 'ImageNet';
	/** Null for the plain network. */
	readonly timesteps: number | null;
	readonly accuracyPercent: number;
	readonly source: keyof typeof publishedSources;
}

/** An energy, or a ratio plain ÷ spiking, as printed. */
export interface PublishedEnergy {
	readonly method: string;
	readonly network: string;
	/** Null where the source gives a figure over several data sets. */
	readonly dataset: PublishedAccuracy['dataset'] | null;
	readonly timesteps: number | null;
	readonly energyJoules: number | null;
	readonly ratio: number | null;
	readonly source: keyof typeof publishedSources;
}

export const publishedSources = {
	'IIR-SNN': 'S. S. Chowdhury, N. Rathi, K. Roy, "One timestep is all you need", arXiv:2110.05929; abstract',
	'IIR-SNN (ECCV)':
		'S. S. Chowdhury, N. Rathi, K. Roy, "Towards ultra low latency spiking neural networks for vision and sequential tasks using temporal pruning", ECCV 2022; abstract',
	'DIET-SNN sheet': 'N. Rathi, K. Roy, result spreadsheet in the history of github.com/nitin-rathi/DIET-SNN (2020)',
	'DIET-SNN': 'N. Rathi, K. Roy, "DIET-SNN", arXiv:2008.03658; abstract',
	Spikformer: 'Z. Zhou et al., "Spikformer", ICLR 2023, Tables 2 and 3, quoting the method',
	PLIF: 'W. Fang et al., "Incorporating learnable membrane time constant to enhance learning of spiking neural networks", ICCV 2021, Table 3, quoting the method',
	'M-LIF': 'results printed in the repository of "One-Hot Multi-Level LIF" (IEEE Access 2025)',
} as const;

const accuracy = (
	method: string,
	network: string,
	dataset: PublishedAccuracy['dataset'],
	timesteps: number | null,
	accuracyPercent: number,
	source: keyof typeof publishedSources,
): PublishedAccuracy => ({ method, network, dataset, timesteps, accuracyPercent, source });

export const publishedAccuracies: readonly PublishedAccuracy[] = [
	accuracy('IIR-SNN', 'VGG16', 'CIFAR-10', 1, 93.05, 'IIR-SNN'),
	accuracy('IIR-SNN', 'VGG16', 'CIFAR-100', 1, 70.15, 'IIR-SNN'),
	accuracy('IIR-SNN', 'VGG16', 'ImageNet', 1, 67.71, 'IIR-SNN'),
	accuracy('IIR-SNN, later version', 'VGG16', 'ImageNet', 1, 69.0, 'IIR-SNN (ECCV)'),
	accuracy('DIET-SNN, first version', 'VGG6', 'CIFAR-10', 15, 89.34, 'DIET-SNN sheet'),
	accuracy('DIET-SNN, first version', 'VGG16', 'CIFAR-10', 20, 92.64, 'DIET-SNN sheet'),
	accuracy('DIET-SNN, first version', 'ResNet20', 'CIFAR-10', 25, 92.14, 'DIET-SNN sheet'),
	accuracy('DIET-SNN, first version', 'VGG16', 'CIFAR-100', 20, 69.37, 'DIET-SNN sheet'),
	accuracy('DIET-SNN, first version', 'ResNet20', 'CIFAR-100', 25, 64.44, 'DIET-SNN sheet'),
	accuracy('DIET-SNN, first version', 'VGG16', 'ImageNet', 25, 68.99, 'DIET-SNN sheet'),
	accuracy('DIET-SNN', 'ResNet20', 'CIFAR-10', 10, 92.54, 'Spikformer'),
	accuracy('DIET-SNN', 'ResNet20', 'CIFAR-100', 5, 64.07, 'Spikformer'),
	accuracy('DIET-SNN', 'VGG16', 'ImageNet', 5, 69.0, 'DIET-SNN'),
	accuracy('plain network of DIET-SNN, first version', 'VGG6', 'CIFAR-10', null, 90.8, 'DIET-SNN sheet'),
	accuracy('plain network of DIET-SNN, first version', 'ResNet20', 'CIFAR-10', null, 92.79, 'DIET-SNN sheet'),
	accuracy('plain network of DIET-SNN, first version', 'VGG16', 'CIFAR-100', null, 71.82, 'DIET-SNN sheet'),
	accuracy('plain network of DIET-SNN, first version', 'ResNet20', 'CIFAR-100', null, 64.64, 'DIET-SNN sheet'),
	accuracy('plain network of DIET-SNN, first version', 'VGG16', 'ImageNet', null, 70.08, 'DIET-SNN sheet'),
	accuracy('Hybrid (STDB)', 'VGG11', 'CIFAR-100', 125, 67.87, 'Spikformer'),
	accuracy('Hybrid (STDB)', 'ResNet34', 'ImageNet', 250, 61.48, 'Spikformer'),
	accuracy('RMP-SNN', 'VGG16', 'CIFAR-10', 2048, 93.63, 'PLIF'),
	accuracy('STBP', 'CIFARNet', 'CIFAR-10', 12, 89.83, 'Spikformer'),
	accuracy('STBP NeuNorm', 'CIFARNet', 'CIFAR-10', 12, 90.53, 'Spikformer'),
	accuracy('TSSL-BP', 'CIFARNet', 'CIFAR-10', 5, 91.41, 'Spikformer'),
	accuracy('STBP-tdBN', 'ResNet19', 'CIFAR-10', 4, 92.92, 'Spikformer'),
	accuracy('STBP-tdBN', 'ResNet19', 'CIFAR-100', 4, 70.86, 'Spikformer'),
	accuracy('STBP-tdBN', 'ResNet34', 'ImageNet', 6, 63.72, 'Spikformer'),
	accuracy('TET', 'ResNet19', 'CIFAR-10', 4, 94.44, 'Spikformer'),
	accuracy('TET', 'ResNet19', 'CIFAR-100', 4, 74.47, 'Spikformer'),
	accuracy('M-LIF, S=3', 'VGG16', 'CIFAR-10', 1, 93.34, 'M-LIF'),
	accuracy('M-LIF, S=3', 'ResNet20', 'CIFAR-10', 1, 93.19, 'M-LIF'),
	accuracy('M-LIF, S=3', 'VGG16', 'CIFAR-100', 1, 72.59, 'M-LIF'),
	accuracy('M-LIF, S=3', 'ResNet20', 'CIFAR-100', 1, 63.8, 'M-LIF'),
	accuracy('M-LIF, S=3', 'VGG16', 'ImageNet', 1, 71.05, 'M-LIF'),
	accuracy('plain network of M-LIF, S=3', 'VGG16', 'CIFAR-10', null, 94.43, 'M-LIF'),
	accuracy('plain network of M-LIF, S=3', 'ResNet20', 'CIFAR-10', null, 94.31, 'M-LIF'),
	accuracy('plain network of M-LIF, S=3', 'VGG16', 'CIFAR-100', null, 74.5, 'M-LIF'),
	accuracy('plain network of M-LIF, S=3', 'ResNet20', 'CIFAR-100', null, 67.1, 'M-LIF'),
	accuracy('plain network of M-LIF, S=3', 'VGG16', 'ImageNet', null, 72.56, 'M-LIF'),
];

const ratioOnly = (
	method: string,
	network: string,
	dataset: PublishedEnergy['dataset'],
	timesteps: number,
	ratio: number,
	source: keyof typeof publishedSources,
): PublishedEnergy => ({ method, network, dataset, timesteps, energyJoules: null, ratio, source });
const energy = (
	method: string,
	network: string,
	dataset: PublishedAccuracy['dataset'],
	timesteps: number | null,
	energyJoules: number,
): PublishedEnergy => ({ method, network, dataset, timesteps, energyJoules, ratio: null, source: 'M-LIF' });

/** The IIR-SNN abstract gives a range and not which network is at which end; DIET-SNN's sheet stands in the computed rows, with its spike rates. */
export const publishedEnergies: readonly PublishedEnergy[] = [
	ratioOnly('IIR-SNN, the least of its networks', 'not stated', null, 1, 25, 'IIR-SNN'),
	ratioOnly('IIR-SNN, the most of its networks', 'not stated', null, 1, 33, 'IIR-SNN'),
	ratioOnly('DIET-SNN', 'VGG16', 'ImageNet', 5, 12, 'DIET-SNN'),
	energy('plain network of M-LIF', 'VGG16', 'CIFAR-10', null, 1.56e-3),
	energy('M-LIF, S=3', 'VGG16', 'CIFAR-10', 1, 52.4e-6),
	energy('M-LIF, S=3', 'VGG16', 'CIFAR-100', 1, 66.0e-6),
	energy('plain network of M-LIF', 'VGG16', 'ImageNet', null, 71.2e-3),
	energy('M-LIF, S=3', 'VGG16', 'ImageNet', 1, 3.37e-3),
	energy('plain network of M-LIF', 'ResNet20', 'CIFAR-10', null, 997e-6),
	energy('M-LIF, S=3', 'ResNet20', 'CIFAR-10', 1, 55.5e-6),
	energy('M-LIF, S=3', 'ResNet20', 'CIFAR-100', 1, 71.0e-6),
];
