/** Every sentence about data sets that a user can meet. */
import { UserError } from '../../errors.ts';

export const noSuchSet = (name: string, names: readonly string[]): UserError =>
	new UserError(`no data set is called "${name}"; choose one of ${names.join(', ')}, or imagefolder:DIR.`);

export const setIsMissing = (name: string, folder: string, files: readonly string[]): UserError =>
	new UserError(
		`the data set ${name} is not here; run "snn-energy data fetch ${name}", or put its official files (${files.join(', ')}) into ${folder}.`,
	);

export const cannotRead = (path: string, cause: unknown): UserError =>
	new UserError(`${path} cannot be read: ${(cause as Error).message}.`, { cause });

export const wrongMagic = (path: string, found: number, expected: number): UserError =>
	new UserError(
		`${path} is not the IDX file expected here: it starts with 0x${found.toString(16).padStart(8, '0')} instead of 0x${expected.toString(16).padStart(8, '0')}. Fetch it again, or give the official file.`,
	);

export const wrongLength = (path: string, found: number, expected: number, what: string): UserError =>
	new UserError(
		`${path} holds ${found} bytes; ${what} need ${expected}. The file is ${found < expected ? 'truncated' : 'too long'}: fetch it again.`,
	);

export const wrongChecksum = (path: string, found: string, expected: string): UserError =>
	new UserError(
		`${path} is corrupt or not the official file: its SHA-256 is ${found}, expected ${expected}. Delete it and fetch the set again.`,
	);

export const wrongLabel = (path: string, index: number, label: number, classes: number): UserError =>
	new UserError(
		`${path}: record ${index} has label ${label}; the set has the classes 0 to ${classes - 1}. The file is corrupt: fetch it again.`,
	);

export const differentCounts = (images: string, imageCount: number, labels: string, labelCount: number): UserError =>
	new UserError(
		`${images} holds ${imageCount} images but ${labels} holds ${labelCount} labels; the two files do not belong together.`,
	);

export const wrongPicture = (path: string, problem: string): UserError =>
	new UserError(`${path} ${problem}. Replace the picture or leave it out.`);

export const noPictures = (folder: string): UserError =>
	new UserError(
		`${folder} holds no pictures; an image folder has a folder for each class with .png, .jpg or .jpeg files in it (DIR/train/CLASS/*.png, DIR/test/CLASS/*.png).`,
	);

export const halfSplit = (folder: string, found: readonly string[]): UserError =>
	new UserError(
		`${folder} has a folder ${found[0]}/ but no ${found[0] === 'train' ? 'test/ or val/' : 'train/'}; give both, or neither to test on the training pictures.`,
	);

export const unknownClass = (path: string, train: string): UserError =>
	new UserError(`${path} is a class that ${train} does not have; both must have the same class folders.`);

export const wrongSize = (name: string): UserError =>
	new UserError(`imagefolder:${name}: the size behind @ must be a whole number from 1 to 4096, such as imagefolder:DIR@224.`);

export const tooManyPictures = (folder: string, count: number, bytes: number, memory: number): UserError =>
	new UserError(
		`${folder}: ${count} pictures take ${((count * bytes) / 2 ** 30).toFixed(1)} GiB in memory, this machine has ${(memory / 2 ** 30).toFixed(1)} GiB. Scale them down (imagefolder:DIR@64), or use fewer.`,
	);

export const wrongArchive = (path: string, found: string, expected: string): UserError =>
	new UserError(`${path} is not the official archive: its SHA-256 is ${found}, expected ${expected}`);

export const missingInside = (archive: string, file: string): UserError => new UserError(`${archive} does not hold ${file}`);

export const noSourceAnswers = (name: string, tried: readonly string[], folder: string, files: string): UserError =>
	new UserError(
		`no source of ${name} answers (${tried.join('; ')}). Put ${files} into ${folder} and run "snn-energy data fetch ${name}" again.`,
	);
