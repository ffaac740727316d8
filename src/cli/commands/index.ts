import type { CommandModule } from 'yargs';

/**
 * Every command by its verb, in the order of the top help. A command's file is loaded when its verb is used; it
 * imports only types and option tables at the top, and heavy modules inside its handler, so that the CLI starts fast.
 */
const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
	analyze: async () => (await import('./analyze.ts')).analyze,
	inspect: async () => (await import('./inspect.ts')).inspect,
	chip: async () => (await import('./chip.ts')).chip,
	fit: async () => (await import('./fit.ts')).fit,
	price: async () => (await import('./price.ts')).price,
	profiles: async () => (await import('./profiles.ts')).profiles,
	sensitivity: async () => (await import('./sensitivity.ts')).sensitivity,
	'break-even': async () => (await import('./break-even.ts')).breakEven,
	memory: async () => (await import('./memory.ts')).memory,
	accountings: async () => (await import('./accountings.ts')).accountings,
	validate: async () => (await import('./validate.ts')).validate,
	compare: async () => (await import('./compare.ts')).compare,
	merge: async () => (await import('./merge.ts')).merge,
	sweep: async () => (await import('./sweep.ts')).sweep,
	diff: async () => (await import('./diff.ts')).diff,
	report: async () => (await import('./report.ts')).report,
	plot: async () => (await import('./plot.ts')).plot,
	tables: async () => (await import('./tables.ts')).tables,
	train: async () => (await import('./train.ts')).train,
	convert: async () => (await import('./convert.ts')).convert,
	data: async () => (await import('./data.ts')).data,
	export: async () => (await import('./export.ts')).exportCommand,
};

/** The command of a verb alone; all of them where it names none, so that the parser can say which are near. */
export async function loadCommands(verb?: string): Promise<readonly CommandModule[]> {
	const named = verb !== undefined && Object.hasOwn(commands, verb) ? commands[verb] : undefined;
	const loaded: CommandModule[] = [];
	for (const load of named ? [named] : Object.values(commands)) loaded.push(await load());
	return loaded;
}
