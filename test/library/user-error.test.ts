import { UserError } from '../../src/errors.ts';

test('a name of a megabyte does not drown the sentence it stands in', () => {
	const { message } = new UserError(`model.onnx: node "${'x'.repeat(1e6)}" is not known. Check it.`);
	expect(message.length).toBeLessThan(400);
	expect(message).toMatch(/^model\.onnx: node "x+… \(1000002 characters\) is not known\. Check it\.$/);
});

test('a name cannot steer the terminal; line breaks of a sentence stay', () => {
	const { message } = new UserError('node "\u001b[2Jé😀\u0000" is not known.\n\tCheck it.');
	expect(message).toBe('node "\ufffd[2Jé😀\ufffd" is not known.\n\tCheck it.');
});
