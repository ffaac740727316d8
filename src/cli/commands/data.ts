import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stderr, stdout } from 'node:process';
import type { Command } from '../command.ts';
import { withSubcommands } from '../verbs.ts';

interface DataArguments {
	readonly name?: string;
	readonly folder?: string;
	readonly dataDir?: string;
}

const dataDir = { type: 'string', describe: 'Folder of data sets (default: snn-energy/data in the cache folder)' } as const;

const fetchCommand: Command = {
	command: 'fetch <name>',
	describe: 'Get a data set from the first of its sources that answers',
	builder: (command) =>
		command
			.positional('name', { type: 'string', demandOption: true, describe: 'mnist, fashion-mnist, cifar10 or cifar100' })
			.option('data-dir', dataDir),
	examples: [['data fetch mnist']],
	handler: async (values) => {
		const { name, dataDir } = values as unknown as DataArguments;
		const { fetchDataset, inspectDataset } = await import('../../formats/datasets/index.ts');
		const source = await fetchDataset(name ?? '', dataDir, (note) => stderr.write(`${note}\n`));
		// Not always the cache: a package manager may have put the files elsewhere.
		const folders = inspectDataset(name ?? '', { dataDir, verify: false }).map(({ path }) => dirname(path ?? ''));
		const where = [...new Set(folders)].join(' and ');
		stdout.write(`${name}: ${source === 'cache' ? 'was here already, whole' : `from ${source}`}, in ${where}\n`);
	},
};

const listCommand: Command = {
	command: 'list',
	describe: 'Say which data sets are known and which are here',
	builder: (command) => command.option('data-dir', dataDir),
	examples: [['data list']],
	handler: async (values) => {
		const { dataDir } = values as unknown as DataArguments;
		const { catalogue, dataFolder, inspectDataset } = await import('../../formats/datasets/index.ts');
		for (const { name, title } of catalogue) {
			const here = inspectDataset(name, { dataDir, verify: false }).every(({ state }) => state === 'whole');
			stdout.write(`${name.padEnd(14)} ${(here ? 'here' : 'not here').padEnd(9)} ${title}\n`);
		}
		const { eventSets } = await import('../../formats/events/index.ts');
		for (const { name, title } of eventSets) {
			const here = existsSync(join(dataFolder(dataDir), name));
			stdout.write(`${name.padEnd(14)} ${(here ? 'here' : 'not here').padEnd(9)} ${title} (put by hand)\n`);
		}
		stdout.write(`folder: ${dataFolder(dataDir)}\n`);
	},
};

const checkCommand: Command = {
	command: 'check <name> [folder]',
	describe: 'Verify every file of a data set, or every recording of events:FILE_OR_DIR',
	builder: (command) =>
		command
			.positional('name', {
				type: 'string',
				demandOption: true,
				describe: 'mnist, fashion-mnist, cifar10, cifar100, a set of recordings that "data list" names, or events:FILE_OR_DIR',
			})
			.positional('folder', { type: 'string', describe: 'Where the recordings of a set lie' })
			.option('data-dir', dataDir),
	examples: [['data check cifar10'], ['data check nmnist N-MNIST'], ['data check events:recording.aedat4']],
	handler: async (values) => {
		const { name = '', folder, dataDir } = values as unknown as DataArguments;
		const { eventSetNamed, isEvents } = await import('../../formats/events/index.ts');
		if (isEvents(name) || eventSetNamed(name)) return checkEvents(name, folder, dataDir);
		const { checkDataset } = await import('../../formats/datasets/index.ts');
		for (const { file, path } of checkDataset(name, dataDir)) stdout.write(`${file.padEnd(26)} whole  ${path}\n`);
	},
};

/** Prints what recordings hold: each of a file or folder, or the parts of a set known by name. */
async function checkEvents(name: string, folder: string | undefined, dataDir: string | undefined): Promise<void> {
	const { checkEventSet, checkRecording, eventsPath, isEvents, listEvents } = await import('../../formats/events/index.ts');
	if (isEvents(name)) {
		for (const sample of listEvents(eventsPath(name)).samples) {
			const { path, format, events, first, last, x, y, on } = checkRecording(sample);
			const what = `${events} events, ${first} to ${last} µs, largest x ${x}, y ${y}, ${on} on`;
			stdout.write(`${path}: ${what} (${format})\n`);
		}
		return;
	}
	const { dataFolder } = await import('../../formats/datasets/index.ts');
	for (const { part, recordings, events, classes } of checkEventSet(name, folder ?? join(dataFolder(dataDir), name)))
		stdout.write(`${part.padEnd(6)} ${recordings} recordings whole, ${events} events, ${classes} classes\n`);
}

const subcommands = [fetchCommand, listCommand, checkCommand];

export const data: Command = {
	command: 'data',
	describe: 'Get, list and verify data sets',
	builder: (command) => withSubcommands(command, subcommands).demandCommand(1, 'Say what to do: fetch, list or check.'),
	subcommands,
	examples: [['data list'], ['data fetch mnist']],
	handler: () => undefined,
};
