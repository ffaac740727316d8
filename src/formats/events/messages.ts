/** Every sentence about event recordings that a user can meet. */
import { codeOf, UserError } from '../../errors.ts';

export const cannotOpen = (path: string, cause: unknown): Error => {
	if (cause instanceof UserError) return cause;
	const code = codeOf(cause);
	const reason =
		code === 'ENOENT' ? 'does not exist; check the path' : `cannot be read: ${code === 'EISDIR' ? 'it is a folder' : code}`;
	return new UserError(`${path} ${reason}.`, { cause });
};

export const damaged = (path: string, what: string): UserError =>
	new UserError(`${path} is damaged: ${what}. Copy the file again.`);

export const endsInsideEvent = (path: string, bytes: number, size: number): UserError =>
	damaged(path, `its events take ${bytes} bytes, and an event takes ${size}, so it ends inside one`);

export const unsupported = (path: string, what: string): UserError => new UserError(`${path} ${what}`);

export const unknownFormat = (path: string, titles: readonly string[]): UserError =>
	new UserError(`${path} is not an event recording that is understood; read are ${titles.join(', ')}.`);

export const impossibleTime = (path: string, event: number, time: number): UserError =>
	damaged(path, `event ${event} has the impossible time ${time} µs`);

export const timeGoesBack = (path: string, event: number, time: number, latest: number): UserError =>
	damaged(path, `event ${event} is of ${time} µs, and one before it of ${latest} µs; events follow each other in time`);

export const outsideSensor = (
	path: string,
	event: number,
	x: number,
	y: number,
	{ width, height }: { readonly width: number; readonly height: number },
	kind: 'camera' | 'units',
): UserError =>
	new UserError(
		kind === 'units'
			? `${path}: event ${event} is of unit ${x}, and there are ${width}. Pass --sensor with the number of units, or copy the file again if it is damaged.`
			: `${path}: event ${event} lies at x ${x}, y ${y}, outside of a sensor of ${width} × ${height} pixels. Pass --sensor WxH with the camera's size (and --downscale for smaller frames), or copy the file again if it is damaged.`,
	);

export const noRecordings = (folder: string): UserError =>
	new UserError(
		`${folder} holds no event recordings; give a file, a folder of recordings, or a folder with a folder for each class (DIR/CLASS/*.bin, or DIR/train/CLASS/*.bin and DIR/test/CLASS/*.bin).`,
	);

export const halfSplit = (folder: string, found: string, missing: string): UserError =>
	new UserError(`${folder} has a folder ${found}/ but no ${missing}; give both, or name the folder ${found}/ itself.`);

export const unknownClass = (path: string, train: string): UserError =>
	new UserError(`${path} is a class that ${train} does not have; both must have the same class folders.`);

export const labelsMissing = (path: string): UserError =>
	new UserError(
		`${path} has no labels, and other recordings beside it have. Put its label file (NAME_labels.csv) beside it, or leave it out.`,
	);

export const labelLine = (path: string, line: number, found: string, expected: string): UserError =>
	new UserError(`${path}: line ${line} is "${found.slice(0, 80)}"; expected ${expected}.`);

export const trialMissing = (list: string, name: string): UserError =>
	new UserError(`${list} lists ${name}, which does not lie beside it. Put it there, or take its line out.`);

const wrongOption = (message: string): UserError => new UserError(message, { exitCode: 2 });

export const timeSyntax = (option: string, text: string): UserError =>
	wrongOption(`--${option} ${text}: expected a length of time of whole microseconds with its unit, such as 10ms, 500us or 1.4s.`);

export const sizeSyntax = (option: string, text: string): UserError =>
	wrongOption(`--${option} ${text}: expected width and height in pixels, such as 34x34, or a number of units, such as 700.`);

export const factorSyntax = (text: string): UserError =>
	wrongOption(`--downscale ${text}: expected a whole factor, such as 4, or a size in pixels, such as 32x32.`);

export const valuesSyntax = (text: string): UserError =>
	wrongOption(`--bin-values ${text}: expected count, binary, or clip:N with the most a pixel holds, such as clip:5.`);

const sizeWords = ({ width, height }: { readonly width: number; readonly height: number }, kind: 'camera' | 'units'): string =>
	kind === 'units' ? `${width} units` : `${width} × ${height} pixels`;

type SizeMessage = (
	text: string,
	sensor: { readonly width: number; readonly height: number },
	kind: 'camera' | 'units',
) => UserError;

export const upscaled: SizeMessage = (text, sensor, kind) =>
	wrongOption(`--downscale ${text}: is larger than the sensor of ${sizeWords(sensor, kind)}. Give a smaller size.`);

export const unevenFactor: SizeMessage = (text, sensor, kind) =>
	wrongOption(
		`--downscale ${text}: ${sizeWords(sensor, kind)} cannot be divided by it evenly. Give ${kind === 'units' ? 'a divisor' : 'a size, such as 32x32'}.`,
	);

export const eventSize = (path: string, type: number, found: number, expected: number): UserError =>
	unsupported(
		path,
		`says that an event takes ${found} bytes (type ${type}), and ${expected} are read. It is damaged, or holds something else than events of a camera.`,
	);

export const impossibleAddress = (path: string, address: number, chip: string): UserError =>
	unsupported(
		path,
		`holds the address 0x${address.toString(16)}, which a ${chip || 'DVS128'} does not have. It is damaged, or of a camera that is not known: save its events as .npz with t, x, y and p.`,
	);

export const unknownWord = (path: string, encoding: string, type: number): UserError =>
	damaged(path, `it holds a word of the type 0x${type.toString(16)}, which ${encoding} does not have`);

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ') || 'none';

export const plainArray = (path: string): UserError =>
	unsupported(
		path,
		'holds one plain array, no events. Events are a structured array with the fields t, x, y and p; frames [samples, timesteps, …] are passed without "events:".',
	);

export const noEventArrays = (path: string, found: readonly string[]): UserError =>
	unsupported(
		path,
		`holds no events: t and x (with y and p for a camera) are expected, and it has ${quoted(found)}. Frames are passed without "events:", as .npy.`,
	);

export const unequalArrays = (
	path: string,
	parts: readonly { readonly name: string; readonly shape: readonly number[] }[],
): UserError =>
	unsupported(
		path,
		`has arrays of unequal shape: ${parts.map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`).join(', ')}. One number an event is expected in each.`,
	);

export const impossibleValue = (path: string, event: number, name: string, value: number): UserError =>
	unsupported(
		path,
		`holds ${value} as ${name} of event ${event}; ${name === 'polarity' ? '0 and 1 (or −1 and 1)' : 'whole numbers from 0 on'} are expected.`,
	);

export const timeNotWhole = (path: string, event: number, time: number): UserError =>
	unsupported(
		path,
		`holds ${time} as the time of event ${event}; whole microseconds are expected. Times in seconds are saved again as (1e6 * t).astype("int64").`,
	);

export const noSpikes = (path: string): UserError =>
	unsupported(path, 'is HDF5 without spikes: rows "spikes/times" and "spikes/units" are expected, as SHD and SSC have them.');

export const unequalSpikes = (path: string, times: number, units: number, labels: number | null): UserError =>
	damaged(path, `it has ${times} rows of times, ${units} of units${labels === null ? '' : ` and ${labels} labels`}`);

export const unequalRow = (path: string, row: number, times: number, units: number): UserError =>
	damaged(path, `recording ${row} has ${times} times and ${units} units`);

export const setIsMissing = (name: string, folder: string, layout: string, place: string): UserError =>
	new UserError(`the set ${name} is not in ${folder}; get it from ${place} and put it there: ${layout}.`);

export const setIncomplete = (name: string, folder: string, part: string, found: number, expected: number): UserError =>
	new UserError(
		`${folder} holds ${found} recordings of ${name}${part === 'all' ? '' : `, ${part}`}, and the set has ${expected}. Unpack it again.`,
	);
