import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/training/engines.ts';
import { runPass } from '../../src/training/operations/host.ts';

test('a tfjs that hides its memory is named, and so is the way out', async () => {
	await startEngine('wasm');
	const { wasm } = tf.backend() as unknown as { wasm: { asm?: object } };
	const { asm } = wasm;
	delete wasm.asm;
	await expect(startEngine('wasm')).rejects.toThrow(
		/--engine wasm: no engine starts here \(wasm: this version of @tensorflow\/tfjs-backend-wasm does not show its memory; 4\.22 does\)/,
	);
	wasm.asm = asm as object;
	await expect(startEngine('wasm')).resolves.toBe('wasm');
});

test('a full heap is said, not written to', async () => {
	await startEngine('wasm');
	const outputs = [[2 ** 29], [2 ** 29]];
	let ran = false;
	const fill = (): unknown =>
		runPass([tf.scalar(1)], outputs, () => {
			ran = true;
		});
	expect(fill).toThrow(/the memory of tfjs' wasm engine ran out at a tensor of 2048 MB\. Use a smaller --batch-size/);
	expect(ran).toBe(false);
	expect(tf.tidy(() => tf.fill([3], 2).dataSync())).toEqual(Float32Array.of(2, 2, 2));
});
