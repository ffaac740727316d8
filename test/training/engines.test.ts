import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/training/engines.ts';

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
