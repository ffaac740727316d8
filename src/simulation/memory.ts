import { memoryBytes } from '#platform/memory';
import { UserError } from '../errors.ts';
import { elementCount } from '../model/tensors.ts';
import * as messages from './messages.ts';

/** Bytes of the longest array JavaScript holds. */
const longestArray = 2 ** 34;

/**
 * Zeros for a tensor whose sizes come from a file or an option.
 *
 * @param what names the tensor in the message
 * @throws UserError when they would not fit into this machine's memory: the sizes are then damaged or mistyped
 */
export function zeros(dims: readonly number[], what: string): Float32Array {
	const bytes = elementCount(dims) * Float32Array.BYTES_PER_ELEMENT;
	const most = Math.min(memoryBytes, longestArray);
	if (!(bytes < most)) throw new UserError(messages.tooLarge(what, dims, bytes, most));
	return new Float32Array(elementCount(dims));
}
