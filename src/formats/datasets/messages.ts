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
		`${folder} holds no pictures; an image folder has a folder for each class with .png files in it (DIR/train/CLASS/*.png, DIR/test/CLASS/*.png).`,
	);

export const noSourceAnswers = (name: string, tried: readonly string[], folder: string, files: readonly string[]): UserError =>
	new UserError(
		`no source of ${name} answers (${tried.join('; ')}). Put the official files (${files.join(', ')}) into ${folder} and run "snn-energy data check ${name}".`,
	);
