import { savedModelFolder, tfliteFile } from '../../src/formats/messages.ts';
import { binsAgainstTimesteps, binsUnknown } from '../../src/simulation/event-messages.ts';
import { labelsOutOfRange, layoutOpen, layoutRead } from '../../src/simulation/messages.ts';
import { flagsOf, inPageWords, runFields } from '../../web/app/run-options.ts';

test('a sentence that names options of the command line names the fields of the page', () => {
	expect(inPageWords(binsUnknown())).toMatch(
		/ Give “Frames of a recording” = T, or “Length of a frame” with “Only the first”, such as “Length of a frame” = 10ms “Only the first” = 300ms\.$/,
	);
	expect(inPageWords(binsAgainstTimesteps(4, 6))).toBe(
		'“Frames of a recording” = 4: the network runs 6 timesteps. Give “Frames of a recording” = 6, or leave it out.',
	);
	expect(inPageWords(layoutOpen('x.npy', [5, 7, 3]))).toMatch(
		/^x\.npy has shape .*: it could be 5 samples of 7 timesteps \(“First axes of the data: samples, timesteps”\) or 5 timesteps of 7 samples \(“First axes of the data: timesteps, samples”\)/,
	);
	expect(inPageWords(layoutRead('x.npy', [5, 7, 3], 'tnc', null))).toMatch(/\(“First axes of the data” changes this\)\.$/);
	expect(inPageWords(labelsOutOfRange(9, 4))).toMatch(/ Check the labels and “Output with the class scores”\.$/);
});

test("another program's command stays as it is typed", () => {
	expect(inPageWords(tfliteFile('f.tflite'))).toBe(tfliteFile('f.tflite'));
	expect(inPageWords(savedModelFolder('m'))).toBe(savedModelFolder('m'));
});

test('no option that the page has a field for is left in a sentence, whatever stands behind it', () => {
	for (const { name, flag, title } of runFields) {
		for (const end of ['.', ' 3.', ' WxH, or nothing', ' alone is wrong', '; leave it out']) {
			const said = inPageWords(`Pass --${flag}${end}`);
			expect([flag, said]).toEqual([flag, expect.stringContaining(`“${title}`)]);
			expect(said).not.toContain('--');
		}
		expect(flagsOf({ [name]: 3 })).toEqual([`--${flag} 3`]);
	}
});
