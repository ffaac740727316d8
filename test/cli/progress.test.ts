import { fileURLToPath } from 'node:url';
import { snnEnergy } from '../support/built-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('a program that started this one reads progress as a line of JSON a change, up to the last sample', async () => {
	const { stderr, code } = await snnEnergy(['analyze', 'models/mnist-cnn/model.onnx', '--samples', '40', '--format', 'json'], {
		cwd: root,
		environment: { SNN_ENERGY_PROGRESS: 'json' },
	});
	expect(code).toBe(0);
	const records = stderr
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(records.at(-1)).toEqual({ progress: 'counting', done: 40, total: 40 });
	expect(records.every(({ done }, at) => done >= (records[at - 1]?.done ?? 0))).toBe(true);
});
