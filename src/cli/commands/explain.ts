import { stdout } from 'node:process';
import { documentFormats, renderDocument } from '../../reporting/formats.ts';
import type { Command } from '../command.ts';
import { type ExplainArguments, explanations } from '../explain-arguments.ts';
import { optionalProfile, outputOptions, priceOptions, runOptionsHidden, withOptions } from '../options.ts';

export const explain: Command = {
	command: 'explain <run>',
	describe: 'How sure a cost is: which constants matter, what other conventions give, where a DNN wins',
	builder: (command) =>
		withOptions(
			command.positional('run', {
				type: 'string',
				demandOption: true,
				describe: 'JSON of an earlier "analyze", or a model to run, with the options of "analyze"',
			}),
			{
				by: {
					type: 'string',
					describe: `${explanations.join(', ')}: one or several, separated by commas (default: all that the profile can answer)`,
				},
				profile: {
					...optionalProfile,
					describe: 'Hardware profile (default 45nm; 45nm-memory for memory, dataflows)',
				},
				set: { ...priceOptions.set, default: [] },
				quantity: {
					choices: ['energy', 'latency', 'ratio'],
					default: 'energy',
					describe: 'constants: what is watched; ratio is DNN baseline ÷ SNN',
					group: 'What to look at:',
				},
				sweep: {
					type: 'string',
					describe: 'constants: the cost along VARIABLE=V1,V2,…: a constant, timesteps, or node (in nm)',
					group: 'What to look at:',
				},
				accounting: {
					type: 'string',
					default: 'all',
					describe: 'conventions: ways of counting, separated by commas',
					group: 'What to look at:',
				},
				density: {
					type: 'number',
					default: 0.5,
					describe: 'break-even: share of nonzero activations of the DNN that skips zeros',
					group: 'What to look at:',
				},
				dnn: {
					type: 'string',
					describe: 'break-even: JSON of a run of that DNN, measured instead of assumed',
					group: 'What to look at:',
				},
				format: { ...outputOptions.format, choices: documentFormats },
				out: outputOptions.out,
				columns: outputOptions.columns,
				quiet: outputOptions.quiet,
			},
			runOptionsHidden,
		),
	examples: [
		['explain run.json'],
		['explain run.json --by constants --profile 45nm-memory', 'a tornado: largest effect first'],
		['explain run.json --by constants --sweep E_ac=0.1pJ,0.9pJ,2pJ'],
		['explain run.json --by conventions', 'counted as each paper counts'],
		['explain snn.onnx --data x.npy --by break-even,memory --format markdown'],
	],
	handler: (values) => run(values as unknown as ExplainArguments),
};

async function run(values: ExplainArguments): Promise<void> {
	const { explained } = await import('../explain.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { latexOptionsOf } = await import('../latex-options.ts');
	const { writeResult } = await import('../output.ts');
	const result = await explained(values);
	await writeResult(
		await renderDocument(result, values.format, { ...terminalOptions(stdout, process.env), ...latexOptionsOf(values) }),
		values.out,
	);
}
