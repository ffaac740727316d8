import { stderr, stdout } from 'node:process';
import { UserError } from '../../errors.ts';
import type { Command } from '../command.ts';

interface ExportArguments {
	readonly model: string;
	readonly out: string;
	readonly to: 'onnx' | 'tfjs' | 'nir';
	readonly unroll?: number;
	readonly timesteps?: number;
	readonly spikes: boolean;
}

export const exportCommand: Command = {
	command: 'export <model>',
	describe: 'Convert a trained network between ONNX step model, unrolled ONNX, tfjs LayersModel and NIR',
	builder: (command) =>
		command
			.positional('model', {
				type: 'string',
				demandOption: true,
				describe: 'An .onnx file or tfjs folder that "train" wrote; to NIR, any step model',
			})
			.option('to', { choices: ['onnx', 'tfjs', 'nir'], demandOption: true, describe: 'Form of the result' })
			.option('out', { type: 'string', demandOption: true, describe: 'File (onnx, nir) or folder (tfjs)' })
			.option('unroll', { type: 'number', describe: 'onnx: one graph over this many timesteps instead of a step model' })
			.option('timesteps', { type: 'number', alias: 'T', describe: 'Timesteps the result is meant for (default: as trained)' })
			.option('spikes', { type: 'boolean', default: false, describe: "onnx: every neuron layer's spikes as outputs too" }),
	examples: [['export models/mine/model.onnx --to onnx --unroll 5 --out unrolled.onnx']],
	handler: (values) => run(values as unknown as ExportArguments),
};

/** An unrolled graph repeats every operation so many times. */
const mostTimesteps = 1000;

async function run({ model, out, to, unroll, timesteps, spikes }: ExportArguments): Promise<void> {
	for (const [option, value] of Object.entries({ unroll, timesteps })) {
		if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > mostTimesteps))
			throw new UserError(`--${option} must be a whole number from 1 to ${mostTimesteps}, not ${value}.`);
	}
	if (unroll !== undefined && to !== 'onnx')
		throw new UserError(`--unroll makes an ONNX graph of all timesteps; with --to ${to} give --timesteps instead.`);
	if (unroll !== undefined && timesteps !== undefined && unroll !== timesteps)
		throw new UserError(`--unroll ${unroll} and --timesteps ${timesteps} say two things; give one of them.`);
	if (spikes && to !== 'onnx') throw new UserError(`--spikes adds outputs to an ONNX graph; it has no meaning with --to ${to}.`);
	if (to === 'nir') {
		for (const note of await exportNir(model, out)) stderr.write(`${out}: ${note}\n`);
		stdout.write(`${out}\n`);
		return;
	}
	const { openEngine, readTrained, writeLayersModel, writeOnnx } = await import('../../training/index.ts');
	// tfjs needs a place to keep tensors, to read and to write its format.
	await openEngine('cpu', 1);
	const trained = await readTrained(model);
	const changed = { ...trained, timesteps: unroll ?? timesteps ?? trained.timesteps };
	if (to === 'tfjs') await writeLayersModel(changed, out);
	else writeOnnx(changed, out, { form: unroll === undefined ? 'step' : 'unrolled', spikeOutputs: spikes });
	stdout.write(`${out}\n`);
}

/** Writes any model whose neurons NIR can express; returns what its readers must know. */
async function exportNir(model: string, out: string): Promise<readonly string[]> {
	const { openEngine, readTrained, writeNir } = await import('../../training/index.ts');
	await openEngine('cpu', 1);
	const trained = await readTrained(model).catch((error: unknown) => {
		if (error instanceof UserError) return null; // not one of ours
		throw error;
	});
	if (trained !== null) return writeNir(trained, out);
	const [{ openModel }, { findStructure }, { nirOfNetwork }, { encodeNir }, { writeWhole }] = await Promise.all([
		import('../../formats/open-model.ts'),
		import('../../network/structure.ts'),
		import('../../export/index.ts'),
		import('../../formats/nir/index.ts'),
		import('../../files.ts'),
	]);
	const { nir, notes } = nirOfNetwork(await findStructure(await openModel(model)));
	writeWhole(out, [encodeNir(nir)]);
	return notes;
}
