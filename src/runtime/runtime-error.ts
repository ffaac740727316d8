import { UserError } from '../errors.ts';
import * as messages from './messages.ts';

/** The operator that onnxruntime does not know, from either of its two sentences about one, or null. */
function unknownOperator(text: string): string | null {
	const found =
		/No Op registered for (\S+) with domain_version/.exec(text) ??
		/(\S+?)(?:\(-?\d+\))? is not a registered function\/op/.exec(text);
	return found?.[1]?.replace(/^.*:/, '') ?? null;
}

/** An error of onnxruntime as a sentence for the user, in onnxruntime's words. */
export function runtimeError(cause: unknown, file: string): UserError {
	const text = cause instanceof Error ? cause.message : String(cause);
	const unknown = unknownOperator(text);
	if (unknown) return new UserError(messages.unknownStandardOperator(file, unknown), { cause });
	const reason = text
		.replace(/[\p{Cc}\s]+/gu, ' ')
		.replace(/^(Error: )?(\[?ONNXRuntimeError\]? : \d+ : [A-Z_]+ : )?/, '')
		.slice(0, 400)
		.replace(/[.\s]+$/, '');
	return new UserError(messages.runtimeRefused(file, reason), { cause });
}
