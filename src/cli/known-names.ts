import { nearestNames } from '../nearest.ts';
import { unknownName } from './messages.ts';

/**
 * Options and positionals whose values are names that a table elsewhere holds: what a shell completes, and what a mistyped
 * name is held against before anything else is said or done. Choices of an option stand in its own table.
 */
export interface KnownNames {
	readonly names: () => Promise<readonly string[]>;
	/** Whether a word that is none of the names may stand all the same, such as a file. */
	readonly accepts?: (word: string) => boolean | Promise<boolean>;
	/** Several may be given, separated by commas. */
	readonly listed?: boolean;
	/** The shell offers files too. */
	readonly files?: boolean;
}

const isPath = async (word: string): Promise<boolean> => /[/\\.]/.test(word) || (await import('node:fs')).existsSync(word);

const profile: KnownNames = { names: profileNames, accepts: isPath, files: true };
const dataset: KnownNames = {
	names: async () => (await import('../formats/datasets/catalogue.ts')).catalogue.map(({ name }) => name),
	accepts: (word) => /^imagefolder:./.test(word),
	files: true,
};

const byOption: Readonly<Record<string, KnownNames>> = {
	profile: { ...profile, listed: true },
	'energy-profile': profile,
	data: {
		names: dataNames,
		accepts: async (word) => /^(events|imagefolder|random):./.test(word) || (/^[\w-]+(:|$)/.test(word) ? isPath(word) : true),
		files: true,
	},
	dataset,
	by: { names: async () => [...(await import('./explain-arguments.ts')).explanations, 'all'], listed: true },
	accounting: {
		names: async () => [...(await import('../hardware/accounting/accountings.ts')).accountingNames, 'all'],
		listed: true,
	},
	figure: { names: figureNames, accepts: startsAsFigure, listed: true },
	'bin-values': { names: async () => ['count', 'binary', 'clip:'], accepts: (word) => /^clip:/.test(word) },
	'train arch': {
		names: trainArchitectures,
		// A list of layers, a file, or a name with its own options behind a colon.
		async accepts(word) {
			const [name = ''] = word.toLowerCase().split(':');
			return !/^[a-z]+-?\d*$/.test(name) || (await trainArchitectures()).includes(name);
		},
		files: true,
	},
	'check arch': {
		names: async () => (await import('../claims/architectures/index.ts')).claimArchitectureExamples,
		accepts: async (word) => (await import('../claims/architectures/index.ts')).isClaimArchitecture(word),
	},
};

/** For what a command takes without a dash, by how it is called. */
const positionals: Readonly<Record<string, KnownNames>> = {
	'profiles show': profile,
	'data fetch': dataset,
	'data check': dataset,
};

/** @param path  how the command is called, such as "profiles show" */
export const namesOfOption = (path: string, option: string): KnownNames | undefined =>
	byOption[`${path} ${option}`] ?? byOption[option];

export const namesOfPositional = (path: string): KnownNames | undefined => positionals[path];

/** What is wrong with a name; null where nothing is. */
export async function wrongName(label: string, value: string, known: KnownNames): Promise<string | null> {
	const names = await known.names();
	const words = known.listed ? value.split(',').map((word) => word.trim()) : [value];
	for (const word of words) {
		if (word === '' || word === '-' || names.includes(word) || (await known.accepts?.(word))) continue;
		const near = nearestNames(/^[a-z-]+:/.exec(word)?.[0] ?? word, names);
		const longer = names.filter((name) => name.toLowerCase().startsWith(word.toLowerCase())).slice(0, 3);
		return unknownName(label, word.slice(0, 80), longer.length > 0 ? longer : near, names);
	}
	return null;
}

async function trainArchitectures(): Promise<readonly string[]> {
	return (await import('../network/architectures.ts')).architectureNames;
}

async function profileNames(): Promise<readonly string[]> {
	const { readShippedList } = await import('../hardware/profile/shipped-list.ts');
	return (readShippedList() ?? (await import('../hardware/index.ts')).listProfiles()).map(({ name }) => name);
}

async function dataNames(): Promise<readonly string[]> {
	const { eventSets } = await import('../formats/events/index.ts');
	const sets = [...(await dataset.names()), ...eventSets.map(({ name }) => name)].filter((name) => name !== 'imagefolder');
	return [...sets, 'random', 'events:', 'imagefolder:'];
}

async function figureNames(): Promise<readonly string[]> {
	return [...(await import('../reporting/charts/chart.ts')).chartNames, 'all', 'list'];
}

/** Figures of one profile of several carry its name behind their own. */
async function startsAsFigure(word: string): Promise<boolean> {
	return (await figureNames()).some((name) => word.startsWith(`${name}-`));
}
