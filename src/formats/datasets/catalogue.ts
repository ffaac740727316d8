/** The data sets known by name: official files, checksums, classes and normalisation, as data. */
import { noSuchSet } from './messages.ts';
import type { Normalisation } from './types.ts';

/** One official file; the SHA-256 is that of its uncompressed content. */
export interface OfficialFile {
	readonly name: string;
	readonly sha256: string | null;
	readonly bytes: number;
}

/** Where a set can be downloaded: one archive that holds its files in a folder, or each file alone, compressed. */
export type Download =
	| { readonly kind: 'archive'; readonly url: string; readonly sha256: string; readonly inside: string }
	| { readonly kind: 'files'; readonly title: string; readonly url: string };

export interface CatalogueEntry {
	readonly name: string;
	readonly title: string;
	readonly format: 'idx' | 'cifar10' | 'cifar100';
	readonly shape: readonly [number, number, number];
	readonly classNames: readonly string[];
	readonly normalisation: Normalisation;
	/** IDX: images then labels. CIFAR: the binary files in order. */
	readonly files: { readonly train: readonly OfficialFile[]; readonly test: readonly OfficialFile[] };
	/** First to last in the order they are tried. */
	readonly downloads: readonly Download[];
}

const idxFiles = (hashes: readonly string[]): CatalogueEntry['files'] => ({
	train: [
		{ name: 'train-images-idx3-ubyte', sha256: hashes[0] ?? null, bytes: 47040016 },
		{ name: 'train-labels-idx1-ubyte', sha256: hashes[1] ?? null, bytes: 60008 },
	],
	test: [
		{ name: 't10k-images-idx3-ubyte', sha256: hashes[2] ?? null, bytes: 7840016 },
		{ name: 't10k-labels-idx1-ubyte', sha256: hashes[3] ?? null, bytes: 10008 },
	],
});

/** Batches 1 to 5, then the test batch. */
const cifar10Hashes = [
	'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
	'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
	'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
	'014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
	'755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
	'8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
];

export const catalogue: readonly CatalogueEntry[] = [
	{
		name: 'mnist',
		title: 'MNIST, handwritten digits',
		format: 'idx',
		shape: [1, 28, 28],
		classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
		normalisation: { mean: [0.1307], deviation: [0.3081] },
		files: idxFiles([
			'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
			'65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
			'0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
			'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
		]),
		downloads: [
			{ kind: 'files', title: 'the CVDF mirror', url: 'https://storage.googleapis.com/cvdf-datasets/mnist/' },
			{ kind: 'files', title: 'the PyTorch mirror', url: 'https://ossci-datasets.s3.amazonaws.com/mnist/' },
		],
	},
	{
		name: 'fashion-mnist',
		title: 'Fashion-MNIST, articles of clothing',
		format: 'idx',
		shape: [1, 28, 28],
		classNames: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
		normalisation: { mean: [0.286], deviation: [0.353] },
		files: idxFiles([
			'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
			'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
			'5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
			'0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
		]),
		downloads: [{ kind: 'files', title: 'Zalando', url: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/' }],
	},
	{
		name: 'cifar10',
		title: 'CIFAR-10, small photographs',
		format: 'cifar10',
		shape: [3, 32, 32],
		classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
		normalisation: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2023, 0.1994, 0.201] },
		files: {
			train: [1, 2, 3, 4, 5].map((n) => ({ name: `data_batch_${n}.bin`, sha256: cifar10Hashes[n - 1] ?? null, bytes: 30730000 })),
			test: [{ name: 'test_batch.bin', sha256: cifar10Hashes[5] ?? null, bytes: 30730000 }],
		},
		downloads: [
			{
				kind: 'archive',
				url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
				// MD5 c32a1d4ab5d03f1284b67883e8d87530 on the authors' page.
				sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
				inside: 'cifar-10-batches-bin',
			},
		],
	},
	{
		name: 'cifar100',
		title: 'CIFAR-100, small photographs of 100 classes',
		format: 'cifar100',
		shape: [3, 32, 32],
		classNames: Array.from({ length: 100 }, (_, index) => String(index)),
		normalisation: { mean: [0.5071, 0.4867, 0.4408], deviation: [0.2675, 0.2565, 0.2761] },
		files: {
			// As the Ruby port of torchvision (ankane/torchvision-ruby) lists them; its sums of CIFAR-10's files are those found here.
			train: [
				{ name: 'train.bin', sha256: 'f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29', bytes: 153700000 },
			],
			test: [{ name: 'test.bin', sha256: 'd8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a', bytes: 30740000 }],
		},
		downloads: [
			{
				kind: 'archive',
				url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
				// MD5 03b5dce01913d631647c71ecec9e9cb8 on the authors' page; the SHA-256 as MLDatasets.jl and GoMLX pin it.
				sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
				inside: 'cifar-100-binary',
			},
		],
	},
];

export const datasetNames: readonly string[] = catalogue.map((entry) => entry.name);

/** @throws UserError when no set has that name */
export function entryNamed(name: string): CatalogueEntry {
	const entry = catalogue.find((candidate) => candidate.name === name);
	if (!entry) throw noSuchSet(name, datasetNames);
	return entry;
}
