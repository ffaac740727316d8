/** Every sentence a user can meet where event recordings become frames. */
import type { Binning } from '../formats/events/frames.ts';
import { timeText } from '../formats/events/options.ts';
import type { Recording, Sensor } from '../formats/events/types.ts';

type Kind = Recording['kind'];

const shape = (dims: readonly (number | string | null)[]): string => `[${dims.map((dim) => dim ?? '?').join(', ')}]`;
const size = ({ width, height }: Sensor, kind: Kind): string =>
	kind === 'units' ? `${width} units` : `${width} × ${height} pixels`;

const frames = ({ bins, by, binMicroseconds }: Binning): string => {
	const number = bins === 1 ? 'one bin' : `${bins} bins`;
	if (binMicroseconds !== null) return `${number} of ${timeText(binMicroseconds)}`;
	return bins === 1 ? number : by === 'time' ? `${number} of equal length` : `${number} of equal numbers of events`;
};

const values = ({ most }: Binning): string =>
	most === 1 ? 'binary' : Number.isFinite(most) ? `counts clipped at ${most}` : 'counts';

const scaled = ({ sensor, frame }: Binning): boolean => sensor.width !== frame.width || sensor.height !== frame.height;

/** "10 bins of equal length, counts, off and on apart, 34 × 34 pixels", for the line of the run. */
export function binningWords(binning: Binning, kind: Kind): string {
	const { polarities, cropMicroseconds, sensor, frame } = binning;
	return [
		...(cropMicroseconds === null ? [] : [`the first ${timeText(cropMicroseconds)}`]),
		frames(binning),
		values(binning),
		...(kind === 'units' ? [] : [polarities === 2 ? 'off and on apart' : 'off and on together']),
		scaled(binning) ? `${size(sensor, kind)} summed to ${size(frame, kind)}` : size(sensor, kind),
	].join(', ');
}

/** All that was decided to make frames. */
export function framesMade(data: string, binning: Binning, kind: Kind, sample: readonly number[]): string {
	const { bins, by, binMicroseconds, cropMicroseconds, polarities } = binning;
	const start = kind === 'units' ? 'time 0' : 'the first event';
	const end = cropMicroseconds === null ? 'to the last' : `over ${timeText(cropMicroseconds)}`;
	const rule =
		binMicroseconds !== null
			? ` from ${start} on; later events are left out, and bins behind the last event are empty`
			: by === 'count'
				? '; the last bin takes the remainder'
				: ` from ${start} ${end}; the last bin takes the remainder`;
	const channels = kind === 'units' ? '' : polarities === 2 ? ', channel 0 off and channel 1 on' : ', off and on events together';
	const cropped =
		cropMicroseconds !== null && (binMicroseconds !== null || by === 'count')
			? ` Only the first ${timeText(cropMicroseconds)} are read.`
			: '';
	const summed = scaled(binning) ? ` Neighbours are summed: ${size(binning.sensor, kind)} to ${size(binning.frame, kind)}.` : '';
	return `Events of ${data} become ${frames(binning)}${bins === 1 && binMicroseconds === null ? '' : rule}: frames of ${values(binning) === 'binary' ? '0 and 1' : values(binning)}, shape ${shape(sample)}${channels}.${cropped}${summed} Options: --bins, --bin-time, --bin-by, --bin-values, --polarities, --sensor, --downscale, --crop.`;
}

export const noteOf = (path: string, note: string): string => `${path}: ${note}`;

export const sensorOfModel = (path: string, sensor: Sensor, kind: Kind): string =>
	`${path} does not say how large its sensor is: ${size(sensor, kind)}, as the model's input says (--sensor changes this).`;

export const sensorUnknown = (path: string, kind: Kind): string =>
	kind === 'units'
		? `${path} does not say how many units there are, nor does the model. Pass --sensor with their number, such as --sensor 700.`
		: `${path} does not say how large its camera is, nor does the model. Pass --sensor WxH, such as --sensor 34x34.`;

export const setNotHere = (
	name: string,
	folder: string,
	{ place, layout }: { readonly place: string; readonly layout: string },
): string => `the set ${name} is not here; get it from ${place} and put it into ${folder}: ${layout}.`;

export const noRecordings = (name: string): string => `${name} holds no event recording.`;

export const unitsHaveNoPolarity = (): string => '--polarities 2: spike recordings have no polarity. Leave the option out.';

export const binTimeByCount = (): string =>
	'--bin-time gives bins a length, and --bin-by count a number of events. Leave one of them out.';

export const binsUnknown = (): string =>
	'How many timesteps the recordings are cut into is not known: the model does not say it. Pass --bins T, or --bin-time with --crop, such as --bin-time 10ms --crop 300ms.';

export const binsOfUnequal = (): string =>
	'With --bin-time alone recordings of unequal length would have unequal numbers of timesteps. Pass --bins T or --crop too, such as --bin-time 10ms --crop 300ms.';

export const binsAgainstTimesteps = (bins: number, timesteps: number): string =>
	`--bins ${bins}: the network runs ${timesteps} timesteps. Pass --bins ${timesteps}, or leave it out.`;

export const noTimeAxis = (bins: number, input: string, dims: readonly (number | string | null)[]): string =>
	`--bins ${bins}: the model's input "${input}" ${shape(dims)} takes one frame, no timesteps. Pass --bins 1, or a model that takes them.`;

export const frameDoesNotFit = (
	data: string,
	found: readonly number[],
	input: string,
	dims: readonly (number | string | null)[],
): string =>
	`--data ${data}: a frame has shape ${shape(found)}; the model's input "${input}" wants ${shape(dims)}. Change the frame's size with --downscale (such as --downscale 2 or --downscale 32x32), its channels with --polarities, or both with --reshape.`;

export const eventOptionWithoutEvents = (option: string, data: string | undefined): string =>
	`--${option}: is for event recordings (--data events:FILE_OR_DIR), and the data are ${data ?? 'samples.npz beside the model'}. Leave it out.`;
