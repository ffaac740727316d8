/** Which network a saved run of a shipped model is: its family, and what it stands for there. */

import type { Analysis } from '../analysis.ts';
import { networkActivity } from '../quantities.ts';

/** What a model file of a trained family is. */
export type Role = 'plain' | 'spiking' | 'control';

export interface MeasuredRun {
	/** Folder of the model, e.g. "mnist". */
	readonly family: string;
	readonly role: Role;
	readonly analysis: Analysis;
}

/** Sorts runs into families: the plain network first, then spiking ones from most timesteps to one, then controls. */
export function measuredRuns(runs: readonly { readonly family: string; readonly analysis: Analysis }[]): MeasuredRun[] {
	const order: Readonly<Record<Role, number>> = { plain: 0, spiking: 1, control: 2 };
	return runs
		.map(({ family, analysis }) => ({ family, analysis, role: roleOf(analysis) }))
		.sort(
			(one, other) =>
				compareText(one.family, other.family) ||
				order[one.role] - order[other.role] ||
				other.analysis.run.timesteps - one.analysis.run.timesteps ||
				compareText(one.analysis.model.file, other.analysis.model.file),
		);
}

/** A file called control… is trained at its timesteps directly, as a control of the staged schedule. */
function roleOf(analysis: Analysis): Role {
	const name = analysis.model.file.split(/[\\/]/).at(-1) ?? '';
	if (/^control/i.test(name)) return 'control';
	return networkActivity(analysis).spiking ? 'spiking' : 'plain';
}

/** "mnist", "mnist, trained at T=1 directly". */
export function runName({ family, role, analysis }: MeasuredRun): string {
	return role === 'control' ? `${family}, trained at T=${analysis.run.timesteps} directly` : family;
}

/** Data set of a run without its folder and ending. */
export function dataName(analysis: Analysis): string {
	const { source } = analysis.data;
	return (
		source
			.split(/[\\/]/)
			.at(-1)
			?.replace(/\.(npz|npy)$/i, '') ?? source
	);
}

/** Code-unit order: the same on every machine, whatever its language. */
export function compareText(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
