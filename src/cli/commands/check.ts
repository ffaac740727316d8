import { stdout } from 'node:process';
import { type DocumentFormat, documentFormats, renderDocument } from '../../reporting/formats.ts';
import type { ClaimSources } from '../claim-sources.ts';
import type { Command } from '../command.ts';

interface CheckArguments extends ClaimSources {
	readonly format: DocumentFormat;
	readonly out?: string;
}

export const check: Command = {
	command: 'check [claim..]',
	describe: 'Which published formula gives a printed energy, what it leaves out, which numbers disagree',
	builder: (command) =>
		command
			.positional('claim', { type: 'string', array: true, describe: 'Figures with units, such as "5.5 G SOP, 11.58 mJ, T=4"' })
			.options({
				arch: {
					type: 'string',
					describe: 'Architecture: spikformer-8-512, sew-resnet-34, qkformer-10-768@384, sdt-8-768, vgg16@32/100 …',
					group: 'Network:',
				},
				layers: { type: 'string', describe: 'CSV or YAML with a line a layer: name, macs, …', group: 'Network:' },
				model: { type: 'string', describe: 'ONNX, NIR or tfjs file, trained or not: its structure is read', group: 'Network:' },
				rates: { type: 'string', describe: 'Firing rate of all layers behind spikes, or a CSV with one each', group: 'Network:' },
				summed: {
					type: 'boolean',
					default: false,
					describe: 'Rates are spikes summed over timesteps, not per timestep',
					group: 'Network:',
				},
				timesteps: { type: 'number', alias: 'T', describe: 'Timesteps, where the claim does not say', group: 'Network:' },
				price: { type: 'string', describe: 'Other prices to try, MAC,AC: "12.5pJ,77fJ"', group: 'Price:' },
				format: {
					choices: documentFormats,
					default: 'table',
					describe: 'Form of the result',
					group: 'Output:',
				},
				out: {
					type: 'string',
					describe: 'Write the result to this file instead of stdout; its ending gives the format',
					group: 'Output:',
				},
			}),
	examples: [
		['check "11.09 G OPs, 11.58 mJ, T=4" --arch spikformer-8-512'],
		['check "4.50 mJ" --arch sdt-8-512 -T 4', 'what rate that energy needs'],
		['check "T=4" --layers net.csv --rates rates.csv --format json'],
	],
	handler: (values) => run(values as unknown as CheckArguments),
};

async function run(values: CheckArguments): Promise<void> {
	const { checkRequest } = await import('../../claims/index.ts');
	const { describeCheck } = await import('../../reporting/check-document.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { claimRequest } = await import('../claim-sources.ts');
	const { writeResult } = await import('../output.ts');

	const result = checkRequest(await claimRequest(values));
	await writeResult(await renderDocument(describeCheck(result), values.format, terminalOptions(stdout, process.env)), values.out);
}
