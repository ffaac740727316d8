import type { CommandModule } from 'yargs';
import type { Command } from './command.ts';

/**
 * Every verb there is, in the order and groups of the top help. A verb's file is loaded when the verb is used; it imports
 * only types and option tables at the top, and heavy modules inside its handler, so that the CLI starts fast.
 */
export interface Verb {
	/** As the verb's file has it, such as "analyze <model>". */
	readonly usage: string;
	readonly does: string;
	readonly load: () => Promise<Command>;
}

export interface VerbGroup {
	/** What a user wants to do. */
	readonly job: string;
	readonly verbs: readonly Verb[];
}

export const verbGroups: readonly VerbGroup[] = [
	{
		job: 'What does my network cost?',
		verbs: [
			{
				usage: 'analyze <model>',
				does: 'count every event on data and price it; a saved run is priced again',
				load: async () => (await import('./commands/analyze.ts')).analyze,
			},
			{
				usage: 'serve [files..]',
				does: 'the page: drop a model, see what it costs, move every constant',
				load: async () => (await import('./commands/serve.ts')).serve,
			},
			{
				usage: 'inspect <model>',
				does: 'the structure found: layers, neurons, states, timesteps',
				load: async () => (await import('./commands/inspect.ts')).inspect,
			},
			{
				usage: 'compare <models..>',
				does: 'DNN beside SNN variants, a row each; two runs layer by layer',
				load: async () => (await import('./commands/compare.ts')).compare,
			},
			{
				usage: 'chip <network>',
				does: 'place or run a network on a many-core chip: walls, cores, latency',
				load: async () => (await import('./commands/chip.ts')).chip,
			},
			{
				usage: 'batch <plan|merge>',
				does: 'many runs on many machines: job list, and joining what they counted',
				load: async () => (await import('./commands/batch.ts')).batch,
			},
		],
	},
	{
		job: 'How sure is that, and why?',
		verbs: [
			{
				usage: 'explain <run>',
				does: 'by constants, counting conventions, break-even, memory, dataflows',
				load: async () => (await import('./commands/explain.ts')).explain,
			},
			{
				usage: 'profiles',
				does: 'list, show and check hardware profiles',
				load: async () => (await import('./commands/profiles.ts')).profiles,
			},
			{
				usage: 'check [claim..]',
				does: "which formula gives a paper's energy, and which numbers disagree",
				load: async () => (await import('./commands/check.ts')).check,
			},
			{
				usage: 'validate',
				does: 'scorecard against silicon, papers and other simulators',
				load: async () => (await import('./commands/validate.ts')).validate,
			},
		],
	},
	{
		job: 'Publish it',
		verbs: [
			{
				usage: 'report <results..>',
				does: 'HTML page, figures and tables for a paper, method paragraph',
				load: async () => (await import('./commands/report.ts')).report,
			},
		],
	},
	{
		job: 'Make a network',
		verbs: [
			{
				usage: 'train',
				does: 'train an SNN at T = 5, then shrink T to 1 (IIR-SNN)',
				load: async () => (await import('./commands/train.ts')).train,
			},
			{
				usage: 'convert <model>',
				does: 'turn a ReLU network into a spiking one',
				load: async () => (await import('./commands/convert.ts')).convert,
			},
			{
				usage: 'export <model>',
				does: 'ONNX step model, unrolled ONNX, tfjs, NIR',
				load: async () => (await import('./commands/export.ts')).exportCommand,
			},
			{
				usage: 'data',
				does: 'fetch, list and check data sets; write recordings as frames',
				load: async () => (await import('./commands/data.ts')).data,
			},
		],
	},
];

/** The verb's name, without what it takes. */
export const nameOf = ({ usage }: Verb): string => usage.split(' ')[0] ?? '';

const verbs: readonly Verb[] = verbGroups.flatMap((group) => group.verbs);

export const verbNamed = (name: string | undefined): Verb | undefined => verbs.find((verb) => nameOf(verb) === name);

/** The command of a verb alone; all of them where it names none, so that the parser can say which are near. */
export async function loadCommands(name?: string): Promise<readonly Command[]> {
	const named = verbNamed(name);
	const loaded: Command[] = [];
	for (const { load } of named ? [named] : verbs) loaded.push(await load());
	return loaded;
}

/** The verb of a usage such as "compare <models..>". */
export const verbOf = (usage: CommandModule['command']): string => String([usage].flat()[0]).split(' ')[0] ?? '';
