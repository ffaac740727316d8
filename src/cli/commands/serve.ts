import { stderr, stdout } from 'node:process';
import type { Command } from '../command.ts';

interface ServeArguments {
	readonly files: readonly string[];
	readonly data?: string;
	readonly labels?: string;
	readonly port: number;
	readonly open: boolean;
}

export const serve: Command = {
	command: 'serve [files..]',
	describe: 'Open the page: drop a model and data, see what it costs; only this machine reaches it',
	builder: (command) =>
		command
			.positional('files', {
				type: 'string',
				array: true,
				default: [],
				describe: 'Models, saved results or profiles to open at once',
			})
			.options({
				data: {
					type: 'string',
					requiresArg: true,
					describe: 'Data to run the model on: .npy, .npz or a recording (default: samples.npz beside the model)',
					group: 'Data:',
				},
				labels: { type: 'string', requiresArg: true, describe: 'Labels of the data', group: 'Data:' },
				port: {
					type: 'number',
					default: 0,
					requiresArg: true,
					describe: 'Port on 127.0.0.1; 0 takes any that is free',
					group: 'Server:',
				},
				open: { type: 'boolean', default: true, describe: 'Open a browser; --no-open only prints the address', group: 'Server:' },
			}),
	examples: [['serve'], ['serve model.onnx --data x.npy --labels y.npy'], ['serve dnn.json snn.json', 'saved runs side by side']],
	handler: (values) => run(values as unknown as ServeArguments),
};

async function run({ files, data, labels, port, open }: ServeArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	if (!Number.isInteger(port) || port < 0 || port > 65_535)
		throw new UserError(`--port ${port} is not a port: give a whole number from 0 to 65535.`);
	const { packageFolder } = await import('../../platform/node/package.ts');
	const { openedFiles } = await import('../opened-files.ts');
	const { servePage } = await import('../../serve/server.ts');
	const { openBrowser } = await import('../../serve/open-browser.ts');
	const { address, close } = await servePage({ port, opened: openedFiles(files, data, labels), packageFolder });
	stdout.write(`${address}\n`);
	stderr.write('Only this machine reaches it, and nothing leaves it. Ctrl-C ends it.\n');
	if (open && stderr.isTTY) openBrowser(address);
	await new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
	});
	await close();
}
