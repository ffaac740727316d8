import { stdout } from 'node:process';
import { type DocumentFormat, documentFormats, renderDocument } from '../../reporting/formats.ts';
import type { Command } from '../command.ts';
import { loadOptionsOf, modelOptions, outputOptions, type RunArguments, withOptions } from '../options.ts';

interface InspectArguments extends RunArguments {
	readonly model: string;
	readonly balance?: boolean;
	readonly format: DocumentFormat;
	readonly out?: string;
	readonly columns?: string;
}

export const inspect: Command = {
	command: 'inspect <model>',
	describe: 'Show the structure found in a model: layers, neurons, states, timesteps',
	builder: (command) =>
		withOptions(
			command.positional('model', { type: 'string', demandOption: true, describe: 'ONNX, NIR or tfjs model file' }),
			modelOptions,
		)
			.option('reshape', {
				type: 'string',
				describe: 'Sizes of one sample where the file leaves them open, such as 3,32,32',
				group: 'Data:',
			})
			.option('balance', {
				type: 'boolean',
				default: false,
				describe: 'Print what every state, decision and use of weights in the graph was booked as',
				group: 'Output:',
			})
			.option('format', {
				choices: documentFormats,
				default: 'table',
				describe: 'Form of the result',
				group: 'Output:',
			})
			.option('out', {
				type: 'string',
				describe: 'Write the result to this file instead of stdout; its ending gives the format',
				group: 'Output:',
			})
			.option('columns', outputOptions.columns),
	examples: [['inspect model.onnx']],
	handler: (values) => run(values as unknown as InspectArguments),
};

async function run(values: InspectArguments): Promise<void> {
	const { checkWholeNumbers } = await import('../whole-numbers.ts');
	checkWholeNumbers(values);
	const { loadNetwork } = await import('../../pipeline.ts');
	const { parseSizes } = await import('../../simulation/fit-data.ts');
	const { findShapes } = await import('../../simulation/shapes.ts');
	const { describeInspection, inspectNetwork } = await import('../../reporting/inspection.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { latexOptionsOf } = await import('../latex-options.ts');
	const { writeResult } = await import('../output.ts');
	const options = { ...terminalOptions(stdout, process.env), ...latexOptionsOf(values) };
	const network = await loadNetwork(values.model, loadOptionsOf(values));
	const shapes = await findShapes(network, values.reshape === undefined ? undefined : parseSizes(values.reshape));
	const inspection = inspectNetwork(network, shapes, { bookings: values.balance });
	await writeResult(await renderDocument(describeInspection(inspection), values.format, options), values.out);
}
