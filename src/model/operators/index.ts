/**
 * The operator table: what every operator does, in one place. Structure finding, rewriting, simulation, conversion and export
 * ask it; none of them knows an operator's name.
 *
 * To teach the project an operator, add its row to the family it belongs to. test/model/operators holds an example of each
 * row that is checked against onnxruntime.
 */
import type { GraphNode } from '../graph.ts';
import { contrib } from './contrib.ts';
import { elementwise } from './elementwise.ts';
import type { ConstantOf, Form, OperatorFacts, Variation } from './facts.ts';
import { integer, integerContrib } from './integer.ts';
import { logic } from './logic.ts';
import { control, making } from './made.ts';
import { moving } from './moving.ts';
import { normalising } from './normalising.ts';
import { pooling } from './pooling.ts';
import { reductions } from './reduction.ts';
import { fused, weighted } from './weighted.ts';

export type * from './facts.ts';
export { surrogateLeftover } from './surrogate.ts';
export * from './value-set.ts';

type Table = Readonly<Record<string, OperatorFacts>>;

export const standard: Table = {
	...elementwise,
	...logic,
	...moving,
	...reductions,
	...pooling,
	...normalising,
	...weighted,
	...integer,
	...making,
	...control,
};
export const microsoft: Table = { ...contrib, ...integerContrib, ...fused };

const rows = (table: Table): ReadonlyMap<string, OperatorFacts> => new Map(Object.entries(table));
const tables: ReadonlyMap<string, ReadonlyMap<string, OperatorFacts>> = new Map([
	['', rows(standard)],
	['ai.onnx', rows(standard)],
	['com.microsoft', rows(microsoft)],
]);

type Named = Pick<GraphNode, 'op' | 'domain'>;

/** What is known of an operator; undefined where the table has no row for it. */
export const operatorFacts = ({ op, domain }: Named): OperatorFacts | undefined => tables.get(domain)?.get(op);

export const formOf = (node: Named): Form | undefined => operatorFacts(node)?.form;

/** Why a node's results may differ from run to run or with the batch; null where they do not. */
export const variationOf = (node: GraphNode, constantOf: ConstantOf): Variation | null =>
	operatorFacts(node)?.varies?.(node, constantOf) ?? null;

/** Whether a node draws random numbers. */
export const isRandom = (node: GraphNode, constantOf: ConstantOf): boolean => variationOf(node, constantOf) === 'random';

/** Elements change places at most. */
export const onlyMoves = (node: Named): boolean => {
	const facts = operatorFacts(node);
	return facts?.elements === 'moved' || facts?.form === 'same';
};
/** Elements of the output are elements of the inputs. */
export const rearranges = (node: Named): boolean => onlyMoves(node) || operatorFacts(node)?.elements === 'chosen';
/** Works element by element or moves elements: the path a membrane potential takes from one timestep to the next. */
export const keepsPlaces = (node: Named): boolean => {
	const elements = operatorFacts(node)?.elements;
	return elements === 'each' || elements === 'moved';
};
const comparing: ReadonlySet<Form> = new Set<Form>(['greater', 'greaterOrEqual', 'less', 'lessOrEqual', 'equal']);
export const compares = (node: Named): boolean => comparing.has(formOf(node) as Form);

/** Changes the value of a spike but not its place: it works element by element, and is no new decision. */
export const changesValues = (node: Named): boolean => operatorFacts(node)?.elements === 'each' && !compares(node);
/** Values and their order stay as they are: reshapes, casts, and what does nothing while a network is used. */
export const passesOn = (node: Named): boolean => {
	const facts = operatorFacts(node);
	return facts?.form === 'cast' || (facts?.form === 'same' && facts.elements === 'each') || facts?.axes?.kind === 'flat';
};
/** Elements keep their row-major order and only get other axes. */
export const reshapes = (node: Named): boolean => operatorFacts(node)?.axes?.kind === 'flat';
/** Any leading axis may be left out: element-wise operators and matrix products. */
export const mayDropAxis = (node: Named): boolean => {
	const facts = operatorFacts(node);
	return (facts?.axes?.kind === 'pairs' && facts.axes.alike === true) || facts?.weights?.geometry === 'matrix';
};

/** Has graphs of its own, or gives lists: its outputs may be no tensors. */
export const mayGiveNoTensor = (node: Named): boolean => {
	const rewritten = operatorFacts(node)?.rewritten;
	return rewritten === 'control flow' || rewritten === 'sequence';
};
