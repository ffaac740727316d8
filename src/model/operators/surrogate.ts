import type { GraphNode } from '../graph.ts';

/**
 * A surrogate gradient written as (spike − x) + x leaves both terms in an exported graph. The sum is the
 * spike again, up to rounding where it is 1 and exactly where it is 0.
 *
 * @returns the spike's tensor, or null when the node is not the end of such a pair
 */
export function surrogateLeftover(node: GraphNode, producer: (tensor: string) => GraphNode | undefined): string | null {
	const [a = '', b = ''] = node.inputs;
	const pairs: readonly (readonly [string, string])[] =
		node.op === 'Add'
			? [
					[a, b],
					[b, a],
				]
			: node.op === 'Sub'
				? [[a, b]]
				: [];
	const inverse = node.op === 'Add' ? 'Sub' : 'Add';
	for (const [sum, term] of pairs) {
		const inner = producer(sum);
		if (inner?.op !== inverse) continue;
		const [x = '', y = ''] = inner.inputs;
		if (y === term) return x;
		if (inverse === 'Add' && x === term) return y;
	}
	return null;
}
