/**
 * Published architectures as a table of builders: a name gives the layers with their dense multiply-accumulates.
 * Every entry is tested against a count of the authors' own code (test/claims/reference).
 */

import { UserError } from '../../errors.ts';
import { published } from '../../network/architecture-lists.ts';
import type { ClaimArchitecture } from '../layers.ts';
import { groupNetwork, resnet19, resnetDepths, resnetImageNet, vggDepths, vggImageNet } from './convolutional.ts';
import { qkformer, spikeDrivenTransformer, spikformer, spikingformer, type TransformerSizes } from './transformers.ts';

/** A family of architectures that a name selects. */
interface Family {
	/** The form of its names, for messages and help. */
	readonly form: string;
	/** Matches the name without size and classes. */
	readonly pattern: RegExp;
	/** Sizes the family is published for; others must fit its poolings. */
	readonly side: (match: RegExpExecArray) => number;
	/** Smallest side the poolings leave something of. */
	readonly multiple: (side: number) => number;
	readonly build: (match: RegExpExecArray, side: number, classes: number) => ClaimArchitecture;
}

const transformer = (
	form: string,
	pattern: RegExp,
	build: (sizes: TransformerSizes) => ClaimArchitecture,
	imageNetBlocks: number,
): Family => ({
	form,
	pattern,
	// The small ones are CIFAR's: 2 or 4 blocks on patches of 4.
	side: (match) => (Number(match[1]) < imageNetBlocks ? 32 : 224),
	multiple: (side) => (side < 64 ? 4 : 16),
	build: (match, side, classes) => build({ blocks: Number(match[1]), channels: Number(match[2]), side, classes }),
});

const groupNames = Object.keys(published).join('|');

const families: readonly Family[] = [
	transformer('spikformer-8-512', /^spikformer-(\d{1,2})-(\d{2,4})$/, spikformer, 6),
	transformer('spikingformer-8-512', /^spikingformer-(\d{1,2})-(\d{2,4})$/, spikingformer, 6),
	transformer(
		'sdt-8-512',
		/^(?:sdt|spike-driven-transformer|spikedriventransformer)-(\d{1,2})-(\d{2,4})$/,
		spikeDrivenTransformer,
		6,
	),
	transformer('qkformer-10-768', /^(?:qkformer|hst)-(\d{1,2})-(\d{2,4})$/, qkformer, 6),
	{
		form: `sew-resnet-${resnetDepths.join('|')} (spiking-resnet, ms-resnet, resnet)`,
		pattern: new RegExp(`^(sew-resnet|spiking-resnet|ms-resnet|resnet)-?(${resnetDepths.join('|')})$`),
		side: () => 224,
		multiple: () => 1,
		build: (match, side, classes) => resnetImageNet(match[1] as string, Number(match[2]), side, classes),
	},
	{
		form: 'resnet19',
		pattern: /^resnet-?19$/,
		side: () => 32,
		multiple: () => 1,
		build: (_, side, classes) => resnet19(side, classes),
	},
	{
		form: `${groupNames.replaceAll('|', ', ')} (32 pixels)`,
		pattern: new RegExp(`^(${groupNames})$`),
		side: () => 32,
		multiple: () => 16,
		build: (match, side, classes) => groupNetwork(match[1] as string, side, classes),
	},
	{
		form: `vgg${vggDepths.join('|')}@224`,
		pattern: new RegExp(`^vgg-?(${vggDepths.join('|')})$`),
		side: () => 224,
		multiple: () => 32,
		build: (match, side, classes) => vggImageNet(Number(match[1]), side, classes),
	},
];

/** The forms of names the table knows. */
export const claimArchitectureForms: readonly string[] = families.map(({ form }) => form);

/** Names of each family, those that papers compare most, for suggestions. */
export const claimArchitectureExamples: readonly string[] = [
	...['8-384', '8-512', '8-768'].flatMap((size) => [`spikformer-${size}`, `spikingformer-${size}`, `sdt-${size}`]),
	...['10-384', '10-512', '10-768'].map((size) => `qkformer-${size}`),
	'resnet19',
	...['sew-resnet', 'spiking-resnet', 'ms-resnet', 'resnet'].flatMap((name) => resnetDepths.map((depth) => `${name}-${depth}`)),
	...Object.keys(published),
	...vggDepths.map((depth) => `vgg${depth}@224`),
];

const largestSide = 4096;

const partsOf = (text: string): RegExpExecArray | null =>
	/^([^@/]+)(?:@(\d{1,5}))?(?:\/(\d{1,6}))?$/.exec(text.trim().toLowerCase().replaceAll('_', '-'));

/** Whether a text names a family, whatever its sizes are. */
export const isClaimArchitecture = (text: string): boolean =>
	families.some(({ pattern }) => pattern.test(partsOf(text)?.[1]?.trim() ?? ''));

/**
 * The layers of a named architecture: "spikformer-8-512", "sew-resnet-34", "vgg16@32", "qkformer-10-768@384", "resnet20@32/100".
 *
 * @param text name, then optionally `@` and the image's side in pixels, then `/` and the number of classes. Without them:
 * the size the name was published for, 1000 classes from 64 pixels on, else 10.
 * @throws UserError for names that are not in the table, and sizes the network's poolings do not divide
 */
export function claimArchitecture(text: string): ClaimArchitecture {
	const parts = partsOf(text);
	const name = parts?.[1]?.trim() ?? '';
	const given = parts?.[2] === undefined ? undefined : Number(parts[2]);
	for (const family of families) {
		const match = family.pattern.exec(name);
		if (!match) continue;
		const side = given ?? family.side(match);
		// The group's lists are for small pictures; the same names with five poolings are ImageNet's.
		if (family.build !== undefined && family.form.endsWith('(32 pixels)') && side >= 128 && vggOf(name) !== null) continue;
		const multiple = family.multiple(side);
		if (side < multiple || side > largestSide || side % multiple !== 0)
			throw new UserError(
				`--arch ${text}: ${name} is not defined for ${side}x${side} pixels; the side must be a multiple of ${multiple} up to ${largestSide}.`,
				{ exitCode: 2 },
			);
		const classes = parts?.[3] === undefined ? (side >= 64 ? 1000 : 10) : Number(parts[3]);
		if (classes < 1) throw new UserError(`--arch ${text}: the number of classes must be at least 1.`, { exitCode: 2 });
		return { ...family.build(match, side, classes), name: `${name}@${side}` };
	}
	throw new UserError(
		`--arch ${text}: there is no such architecture; write one of ${claimArchitectureForms.join('; ')}, with @SIDE and /CLASSES where they differ, or give --layers FILE.`,
		{ exitCode: 2 },
	);
}

function vggOf(name: string): number | null {
	const depth = Number(/^vgg-?(\d+)$/.exec(name)?.[1]);
	return vggDepths.includes(depth) ? depth : null;
}
