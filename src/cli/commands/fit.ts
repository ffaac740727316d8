import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { ChipParameters, Fit } from '../../hardware/chip/index.ts';
import type { CountOptions } from '../../pipeline.ts';
import type { DocumentFormat } from '../../reporting/render-document.ts';
import {
	checkWholeNumbers,
	countOptions,
	countOptionsOf,
	dataOptions,
	loadOptionsOf,
	modelOptions,
	type SharedArguments,
	withOptions,
} from '../options.ts';

interface FitArguments extends Omit<SharedArguments, 'profile' | 'format'> {
	readonly model: string;
	readonly profile: string;
	readonly force: boolean;
	readonly format: DocumentFormat;
}

export const fit: CommandModule = {
	command: 'fit <model>',
	describe: 'Place a network on a many-core chip: cores, walls, energy, latency and its bottleneck',
	builder: (command) =>
		withOptions(
			command.positional('model', {
				type: 'string',
				demandOption: true,
				describe: 'Model file, or the JSON of an earlier run ("analyze … --format json" or --save-activity)',
			}),
			dataOptions,
			modelOptions,
			countOptions,
		)
			.option('profile', { type: 'string', default: 'loihi-sanafe', describe: 'Hardware profile with a chip section' })
			.option('force', {
				type: 'boolean',
				default: false,
				describe: 'Price the network although a limit of the chip stands in the way; --out may replace a file of another kind',
			})
			.option('set', {
				type: 'string',
				array: true,
				nargs: 1,
				default: [],
				describe: 'Change a constant, e.g. neuronsPerCore=2048',
			})
			.option('format', { choices: ['table', 'json', 'csv', 'markdown'], default: 'table', describe: 'Form of the result' })
			.option('out', { type: 'string', describe: 'Write the result to this file instead of stdout' })
			.option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
			.example('$0 fit model.onnx --profile truenorth', '')
			.example('$0 fit run.json --profile loihi --force --format json', ''),
	handler: (values) => run(values as unknown as FitArguments),
};

async function run(values: FitArguments): Promise<void> {
	checkWholeNumbers(values);
	const { UserError } = await import('../../errors.ts');
	const { chipParameters, fitNetwork, placeActivity } = await import('../../hardware/chip/index.ts');
	const messages = await import('../../hardware/chip/messages.ts');
	const { loadProfile } = await import('../../hardware/profile/load.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { describeFit } = await import('../../reporting/fit-document.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { writeResult } = await import('../output.ts');
	const { readSavedRun } = await import('../saved-run.ts');

	const chip = chipParameters(loadProfile(values.profile, { set: values.set ?? [] }));
	const saved = readSavedRun(values.model);
	const result = saved === null ? await fitModel(values, chip) : fitNetwork(placeActivity(saved, chip), { force: values.force });
	await writeResult(renderDocument(describeFit(result), values.format, terminalOptions(stdout, process.env)), values.out);
	const [first] = result.walls;
	if (first !== undefined && !values.force) {
		const finding = messages.wall(first.population, first.resource, first.needed, first.limit, chip.name);
		throw new UserError(messages.refusedAtWall(values.model, finding));
	}
}

/** Runs the model twice: to count and place it, and to see where its spikes go. */
async function fitModel(values: FitArguments, chip: ChipParameters): Promise<Fit> {
	const { fitNetwork, placeActivity, trafficOf } = await import('../../hardware/chip/index.ts');
	const { countEvents, loadNetwork, observeEvents } = await import('../../pipeline.ts');
	const { onInterrupt } = await import('../interrupt.ts');
	const { startProgress } = await import('../progress.ts');
	const shared = { ...values, profile: [values.profile], format: 'json' } as const;
	const network = await loadNetwork(values.model, loadOptionsOf(shared));
	const interrupt = onInterrupt();
	const run = async <R>(what: string, work: (options: CountOptions) => Promise<R>): Promise<R> => {
		const progress = await startProgress(values.quiet ?? false, what);
		const onProgress = (done: number, samples: number): void => {
			if (done > 0) interrupt.arm();
			progress.update(done, samples);
		};
		try {
			return await work({ ...countOptionsOf(shared), signal: interrupt.signal, onProgress });
		} finally {
			progress.stop();
		}
	};
	try {
		const placed = placeActivity(await run('counting', (options) => countEvents(network, options)), chip);
		const { force } = values;
		if ((placed.packing.walls.length > 0 && !force) || interrupt.signal.aborted) return fitNetwork(placed, { force });
		const collector = trafficOf(placed);
		await run('routing spikes', (options) => observeEvents(network, collector, options));
		// Interrupted on the way: what was seen would not belong to the samples that were counted.
		return interrupt.signal.aborted ? fitNetwork(placed, { force }) : fitNetwork(placed, { force, traffic: collector.traffic() });
	} finally {
		interrupt.release();
	}
}
