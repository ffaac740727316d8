import { stderr, stdout } from 'node:process';
import { type DocumentFormat, pageFormats, renderDocument } from '../../reporting/formats.ts';
import type { Printable } from '../../reporting/printable.ts';
import type { Command } from '../command.ts';
import { withSubcommands } from '../command.ts';
import { priceOptions } from '../options.ts';

interface ProfilesArguments {
	readonly format: DocumentFormat;
	readonly name: string;
	readonly files: readonly string[];
	readonly set: readonly string[];
}

const format = { choices: pageFormats, default: 'table', describe: 'Form of the result' } as const;

const subcommands: readonly Command[] = [
	{
		command: ['list', '$0'],
		describe: 'All profiles that ship with the tool',
		builder: (sub) => sub.option('format', format),
		examples: [['profiles list --format csv']],
		handler: (values) => list(values as unknown as ProfilesArguments),
	},
	{
		command: 'show <name>',
		describe: 'One profile: constants, formulas, sources and what it leaves out',
		builder: (sub) =>
			sub
				.positional('name', { type: 'string', demandOption: true, describe: 'Name, or path of a file' })
				.options({ set: { ...priceOptions.set, default: [] }, format }),
		examples: [['profiles show loihi'], ['profiles show 45nm --set E_add=0.1pJ --format json']],
		handler: (values) => show(values as unknown as ProfilesArguments),
	},
	{
		command: 'check <files..>',
		describe: 'Check profile files; every problem is named with file and line',
		builder: (sub) =>
			sub.positional('files', { type: 'string', array: true, demandOption: true, describe: 'YAML or JSON files' }),
		examples: [['profiles check mychip.yaml']],
		handler: (values) => check(values as unknown as ProfilesArguments),
	},
];

export const profiles: Command = {
	command: 'profiles',
	describe: 'List hardware profiles; show one with its sources; check a file of your own',
	builder: (command) => withSubcommands(command, subcommands),
	subcommands,
	examples: [['profiles'], ['profiles show loihi'], ['profiles check mychip.yaml']],
	handler: () => {},
};

async function list({ format }: ProfilesArguments): Promise<void> {
	const { readShippedList } = await import('../../hardware/profile/shipped-list.ts');
	const { describeProfileList } = await import('../../reporting/profile-document.ts');
	const profiles = readShippedList() ?? (await import('../../hardware/index.ts')).listProfiles();
	await print(describeProfileList(profiles), format);
}

async function show({ name, set, format }: ProfilesArguments): Promise<void> {
	const { findProfile, shippedProfiles } = await import('../../hardware/profile/find.ts');
	findProfile(name, [shippedProfiles]);
	const { loadProfile } = await import('../../hardware/index.ts');
	const { describeProfile } = await import('../../reporting/profile-document.ts');
	await print(describeProfile(loadProfile(name, { set })), format);
}

async function check({ files }: ProfilesArguments): Promise<void> {
	const { checkProfile } = await import('../../hardware/index.ts');
	for (const file of files) {
		const problems = checkProfile(file);
		for (const problem of problems) stderr.write(`${problem}\n`);
		if (problems.length > 0) process.exitCode = 1;
		else stdout.write(`${file}: a valid hardware profile\n`);
	}
}

async function print(result: Printable, form: DocumentFormat): Promise<void> {
	const { renderTerminal, terminalOptions } = await import('../../reporting/terminal.ts');
	const { writeResult } = await import('../output.ts');
	const options = terminalOptions(stdout, process.env);
	// The form asked for most often needs none of the others.
	const text = form === 'table' ? renderTerminal(result.document, options) : await renderDocument(result, form, options);
	await writeResult(text, undefined);
}
