import { UserError } from '../errors.ts';
import * as messages from './messages.ts';

/** An error of onnxruntime as a sentence for the user, in onnxruntime's words. */
export function runtimeError(cause: unknown, file: string): UserError {
	const text = cause instanceof Error ? cause.message : String(cause);
	const reason = text
		.replace(/[\p{Cc}\s]+/gu, ' ')
		.replace(/^(Error: )?(\[?ONNXRuntimeError\]? : \d+ : [A-Z_]+ : )?/, '')
		.slice(0, 400)
		.replace(/[.\s]+$/, '');
	return new UserError(messages.runtimeRefused(file, reason), { cause });
}
