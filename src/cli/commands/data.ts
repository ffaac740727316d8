import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stderr, stdout } from 'node:process';
import type { Command } from '../command.ts';
import { withSubcommands } from '../command.ts';
import { dataOptions } from '../options.ts';
import type { FramesArguments } from '../write-frames.ts';

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

const { bins, polarities, sensor, downscale, crop, samples } = dataOptions;
const eventOptions = { bins, polarities, sensor, downscale, crop, samples };
const binOptions = {
	'bin-time': dataOptions['bin-time'],
	'bin-by': dataOptions['bin-by'],
	'bin-values': dataOptions['bin-values'],
};

const framesCommand: Command = {
	command: 'frames <data>',
	describe: 'Write recordings as frames, a .npy of [samples, bins, …]',
	builder: (command) =>
		command
			.positional('data', { type: 'string', demandOption: true, describe: 'events:FILE_OR_DIR, or a set that "data list" names' })
			.option('out', { type: 'string', demandOption: true, describe: 'File for the frames, float32' })
			.option('labels-out', { type: 'string', describe: 'File for the class numbers, where they are known' })
			.options(
				Object.fromEntries(
					Object.entries({ ...eventOptions, ...binOptions }).map(([name, one]) => [name, { ...one, hidden: false }]),
				),
			)
			.option('data-dir', dataDir),
	examples: [['data frames events:N-MNIST --bins 10 --sensor 34x34 --out x.npy --labels-out y.npy']],
	handler: async (values) => {
		const { writeFrames } = await import('../write-frames.ts');
		stdout.write(`${await writeFrames(values as unknown as FramesArguments)}\n`);
	},
};

const subcommands = [fetchCommand, listCommand, checkCommand, framesCommand];

export const data: Command = {
	command: 'data',
	describe: 'Get, list and verify data sets, and write recordings as frames',
	builder: (command) => withSubcommands(command, subcommands).demandCommand(1, 'Say what to do: fetch, list, check or frames.'),
	subcommands,
	examples: [['data list'], ['data fetch mnist']],
	handler: () => undefined,
};
