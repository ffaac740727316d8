/** Claims as publications print them, for the claim checker's tests and docs/check.md. Where each was read stands with it. */

export interface PublishedClaim {
	readonly claim: string;
	readonly arch?: string;
	/** Formula that gives the printed energy to the last digit, or null where none does. */
	readonly gives: string | null;
	/** Contradictions the row contains. */
	readonly contradictions: readonly string[];
	readonly source: string;
	/** `recalled`: the table itself could not be read again; the digits agree with each other. */
	readonly evidence: 'read' | 'recalled';
}

const spikingformer = 'README of github.com/zhouchenlin2096/Spikingformer at 4378623';
const spikingformerBefore = "an earlier README of the same repository: Spikformer's operations beside Spikingformer's energies";
const spikformer = 'Z. Zhou et al., ICLR 2023, Table 2; the operations are also in the README of Spikingformer';
const syops = 'README of github.com/iCGY96/syops-counter at 4232f77';
const squeeze = 'README of github.com/MehediAhamed/Pruned-Spiking-SqueezeNet at 401d0a1';
const fourier = 'arXiv:2403.18228v1, Table 1 (OPs in G / power in mJ)';

const row = (
	claim: string,
	arch: string | undefined,
	gives: string | null,
	contradictions: readonly string[],
	source: string,
	evidence: 'read' | 'recalled' = 'read',
): PublishedClaim => ({ claim, ...(arch ? { arch } : {}), gives, contradictions, source, evidence });

export const publishedClaims: readonly PublishedClaim[] = [
	row('3.88 G FLOPs, 4.69 mJ, T=4, 16.81 M params', 'spikingformer-8-384', 'first-every-step', [], spikingformer),
	row('6.52 G FLOPs, 7.46 mJ, T=4, 29.68 M params', 'spikingformer-8-512', 'first-every-step', [], spikingformer),
	row('12.54 G FLOPs, 13.68 mJ, T=4, 66.34 M params', 'spikingformer-8-768', 'first-every-step', [], spikingformer),
	row('6.82 G FLOPs, 4.69 mJ, T=4', 'spikingformer-8-384', null, ['energy-below-operations'], spikingformerBefore),
	row('11.09 G FLOPs, 7.46 mJ, T=4', 'spikingformer-8-512', null, ['energy-below-operations'], spikingformerBefore),
	row('22.09 G FLOPs, 13.68 mJ, T=4', 'spikingformer-8-768', null, ['energy-below-operations'], spikingformerBefore),
	row('0.347329512 G MACs, 6.51754094076244 G ACs, 7.463502601886196 mJ', undefined, 'macs-and-acs', [], `${spikingformer}, log`),
	row(
		'0.520993768 G MACs, 12.513659576717108 G ACs, 13.658864951845398 mJ',
		undefined,
		'macs-and-acs',
		[],
		`${spikingformer}, log`,
	),
	row('11.09 G OPs, 11.58 mJ, T=4, 29.68 M params', 'spikformer-8-512', 'first-every-step', [], spikformer, 'recalled'),
	row(
		'6.82 G OPs, 7.73 mJ, T=4, 16.81 M params',
		'spikformer-8-384',
		null,
		['first-layer-of-another-network'],
		spikformer,
		'recalled',
	),
	row(
		'22.09 G OPs, 21.48 mJ, T=4, 66.34 M params',
		'spikformer-8-768',
		null,
		['first-layer-of-another-network'],
		spikformer,
		'recalled',
	),
	row('3.88 G OPs, 4.04 mJ, T=4, 21.79 M params', 'sew-resnet-34', 'first-once', [], spikformer, 'recalled'),
	row('4.83 G OPs, 4.89 mJ, T=4, 25.56 M params', 'sew-resnet-50', 'first-once', [], spikformer, 'recalled'),
	row('9.30 G OPs, 8.91 mJ, T=4, 44.55 M params', 'sew-resnet-101', 'first-once', [], spikformer, 'recalled'),
	row('13.72 G OPs, 12.89 mJ, T=4, 60.19 M params', 'sew-resnet-152', 'first-once', [], spikformer, 'recalled'),
	row('65.28 G OPs, 59.295 mJ, T=350, 21.79 M params', 'spiking-resnet-34', 'first-once', [], spikformer, 'recalled'),
	row('78.29 G OPs, 70.934 mJ, T=350', 'spiking-resnet-50', null, ['remainder-below-first-layer'], spikformer, 'recalled'),
	row('0.10 G ACs, 0.14 G MACs, 0.734 mJ, 11.69 M params', 'spiking-resnet-18', 'macs-and-acs', [], syops),
	row('0.50 G ACs, 2.75 G MACs, 13.10 mJ, 11.69 M params', 'sew-resnet-18', 'macs-and-acs', [], syops),
	row('1.69 G ACs, 0.20 G MACs, 2.44 mJ', undefined, 'macs-and-acs', [], syops),
	row('93 k ACs, 894 k MACs, 0.0042 mJ', undefined, 'macs-and-acs', [], squeeze),
	row('16,610 k ACs, 4470 k MACs, 0.0355 mJ', undefined, 'macs-and-acs', [], squeeze),
	row('11,200 k ACs, 4230 k MACs, 0.0295 mJ', undefined, 'macs-and-acs', [], squeeze),
	row('20,790 k ACs, 4470 k MACs, 0.0393 mJ', undefined, 'macs-and-acs', [], squeeze),
	row('12,040 k ACs, 51,690 k MACs, 0.2486 mJ', undefined, 'macs-and-acs', [], squeeze),
	row('862 k ACs, 506.9 k MACs, 0.0023 mJ', undefined, 'macs-only', ['macs-only'], squeeze),
	row('2000 k ACs, 203.0 k MACs, 0.0093 mJ', undefined, null, ['operations-against-energy'], squeeze),
	row('2.73 G SOPs, 2.46 mJ, T=4', undefined, 'sop-only', [], 'SpikingResformer, CVPR 2024, read second-hand'),
	row('6.07 G SOPs, 5.46 mJ, T=4', undefined, 'sop-only', [], 'SpikingResformer, CVPR 2024, read second-hand'),
	row('1.186 G OPs, 0.523 mJ', undefined, null, ['energy-below-operations'], fourier),
	row('0.951 G OPs, 0.415 mJ', undefined, null, ['energy-below-operations'], fourier),
	row('1.852 G OPs, 0.943 mJ', undefined, null, ['energy-below-operations'], fourier),
	row(
		'rate 0.1366, 18.39 M FLOPs, 2.51 M SOPs, 3.09e-7 J, ANN 845.94e-7 J, 273.77x',
		undefined,
		'rate-twice',
		['rate-twice'],
		'PMC10242054, Table 3',
	),
];
