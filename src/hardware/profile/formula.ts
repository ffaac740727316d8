import type { ConditionalNode, ConstantNode, FunctionNode, MathNode, OperatorNode, ParenthesisNode, SymbolNode } from 'mathjs';
import { parseSyntax } from './units.ts';

/** What a formula may consist of: plain data, checked and compiled by other files of this folder. */
export type Expression =
	| { readonly kind: 'number'; readonly value: number }
	| { readonly kind: 'name'; readonly name: string }
	| { readonly kind: 'operator'; readonly operator: Operator; readonly operands: readonly Expression[] }
	| { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Expression[] }
	| {
			readonly kind: 'conditional';
			readonly condition: Expression;
			readonly whenTrue: Expression;
			readonly whenFalse: Expression;
	  };

export const operators = {
	add: '+',
	subtract: '-',
	multiply: '*',
	divide: '/',
	pow: '^',
	unaryMinus: '-',
	unaryPlus: '+',
	smaller: '<',
	smallerEq: '<=',
	larger: '>',
	largerEq: '>=',
	equal: '==',
	unequal: '!=',
	and: 'and',
	or: 'or',
	not: 'not',
} as const;
export type Operator = keyof typeof operators;

export const functionNames = [
	'min',
	'max',
	'ceil',
	'floor',
	'round',
	'abs',
	'sqrt',
	'log2',
	'interp',
	'memoryEnergy',
	'memoryBits',
	'footprintBits',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Functions whose operands are names of memory stores and levels, not values. */
export const memoryFunctions: readonly FunctionName[] = ['memoryEnergy', 'memoryBits', 'footprintBits'];

/** Why a formula was refused: a clause that a sentence naming file, line and term can carry. */
export class FormulaError extends Error {
	override readonly name = 'FormulaError';
}

const longestFormula = 2000;
const mostNodes = 400;
const deepestNesting = 60;

/**
 * Reads a formula into an Expression. The grammar is mathjs's; what is not arithmetic, comparison,
 * a condition or one of {@link functionNames} is refused before anything could be evaluated.
 *
 * @throws FormulaError with the clause to print
 */
export function parseFormula(source: string | number): Expression {
	const text = String(source);
	if (text.length > longestFormula) {
		throw new FormulaError(`is ${text.length} characters long; a formula may have ${longestFormula}`);
	}
	if (nesting(text) > deepestNesting) throw new FormulaError(`is nested more than ${deepestNesting} brackets deep`);
	let syntax: MathNode;
	try {
		syntax = parseSyntax(text);
	} catch (error) {
		if (error instanceof RangeError) throw new FormulaError('is nested too deeply');
		throw new FormulaError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
	const budget = { nodes: mostNodes };
	return convert(syntax, budget, 0);
}

function nesting(text: string): number {
	let depth = 0;
	let deepest = 0;
	for (const character of text) {
		if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth);
		else if (')]}'.includes(character)) depth--;
	}
	return deepest;
}

function convert(node: MathNode, budget: { nodes: number }, depth: number): Expression {
	if (--budget.nodes < 0) throw new FormulaError(`has more than ${mostNodes} parts`);
	if (depth > 2 * deepestNesting) throw new FormulaError('is nested too deeply');
	const next = (child: MathNode): Expression => convert(child, budget, depth + 1);
	switch (node.type) {
		case 'ParenthesisNode':
			return next((node as ParenthesisNode).content);
		case 'ConstantNode':
			return numberFrom(node as ConstantNode);
		case 'SymbolNode':
			return { kind: 'name', name: (node as SymbolNode).name };
		case 'ConditionalNode': {
			const { condition, trueExpr, falseExpr } = node as ConditionalNode;
			return { kind: 'conditional', condition: next(condition), whenTrue: next(trueExpr), whenFalse: next(falseExpr) };
		}
		case 'OperatorNode': {
			const { fn, args, implicit } = node as OperatorNode & { implicit: boolean };
			if (implicit)
				throw new FormulaError(`writes a product without its sign in "${node.toString()}"; put a * between the factors`);
			if (!Object.hasOwn(operators, fn))
				throw new FormulaError(`uses "${(node as OperatorNode).op}", which formulas do not know`);
			return { kind: 'operator', operator: fn as Operator, operands: args.map(next) };
		}
		case 'FunctionNode': {
			const { fn, args } = node as FunctionNode;
			const name = fn.type === 'SymbolNode' ? (fn as unknown as SymbolNode).name : '';
			const known = functionNames.find((candidate) => candidate === name);
			if (!known) throw new FormulaError(`calls "${fn.toString()}"; the functions are ${functionNames.join(', ')}`);
			return { kind: 'call', name: known, operands: args.map(next) };
		}
		default:
			throw new FormulaError(
				`contains ${forbidden[node.type] ?? `a ${node.type}`}; only arithmetic, comparison, conditions and ${functionNames.join(', ')} are allowed`,
			);
	}
}

const forbidden: Readonly<Record<string, string>> = {
	AccessorNode: 'a property access',
	IndexNode: 'an index',
	AssignmentNode: 'an assignment',
	FunctionAssignmentNode: 'a function definition',
	BlockNode: 'several statements',
	ObjectNode: 'an object',
	ArrayNode: 'a list',
	RangeNode: 'a range',
	RelationalNode: 'a chained comparison',
};

function numberFrom(node: ConstantNode): Expression {
	const value: unknown = node.value;
	if (typeof value !== 'number' || !Number.isFinite(value)) {
		throw new FormulaError(
			`contains ${typeof value === 'number' ? 'a number too large' : `the value ${node.toString()}`}; only finite numbers are allowed`,
		);
	}
	return { kind: 'number', value };
}

/** Every name an expression refers to, memory stores and levels left out. */
export function namesIn(expression: Expression, found: Set<string> = new Set()): Set<string> {
	switch (expression.kind) {
		case 'name':
			found.add(expression.name);
			break;
		case 'operator':
			for (const operand of expression.operands) namesIn(operand, found);
			break;
		case 'call':
			if (!memoryFunctions.includes(expression.name)) for (const operand of expression.operands) namesIn(operand, found);
			break;
		case 'conditional':
			namesIn(expression.condition, found);
			namesIn(expression.whenTrue, found);
			namesIn(expression.whenFalse, found);
			break;
	}
	return found;
}

/** The memory stores an expression's traffic functions refer to. */
export function storesIn(expression: Expression, found: Set<string> = new Set()): Set<string> {
	if (expression.kind === 'operator') for (const operand of expression.operands) storesIn(operand, found);
	if (expression.kind === 'conditional') {
		for (const part of [expression.condition, expression.whenTrue, expression.whenFalse]) storesIn(part, found);
	}
	if (expression.kind === 'call') {
		const [first] = expression.operands;
		if (!memoryFunctions.includes(expression.name)) for (const operand of expression.operands) storesIn(operand, found);
		else if (first?.kind === 'name') found.add(first.name);
	}
	return found;
}
