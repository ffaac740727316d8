import type { Expression, Operator } from './formula.ts';
import { lookUp, type Table } from './table.ts';

/** A formula ready to run: reads its names from numbered slots, all in SI base units. */
export type Compiled = (slots: Float64Array) => number;

export interface CompileContext {
	readonly slot: (name: string) => number;
	/** Slot of a memory function, e.g. memoryEnergy(weights) or memoryBits(weights, dram). */
	readonly memorySlot: (name: string, store: string, level: string | null) => number;
	readonly table: (name: string) => Table | undefined;
}

/** Turns a checked expression into closures over slots; conditions become 1 and 0. */
export function compile(expression: Expression, context: CompileContext): Compiled {
	switch (expression.kind) {
		case 'number': {
			const { value } = expression;
			return () => value;
		}
		case 'name': {
			const slot = context.slot(expression.name);
			return (slots) => slots[slot] ?? 0;
		}
		case 'conditional': {
			const condition = compile(expression.condition, context);
			const whenTrue = compile(expression.whenTrue, context);
			const whenFalse = compile(expression.whenFalse, context);
			return (slots) => (condition(slots) ? whenTrue(slots) : whenFalse(slots));
		}
		case 'operator': {
			const [left, right] = expression.operands.map((operand) => compile(operand, context));
			return compileOperator[expression.operator](left as Compiled, right as Compiled);
		}
		case 'call':
			return compileCall(expression, context);
	}
}

const truth = (value: boolean): number => (value ? 1 : 0);

const compileOperator: Readonly<Record<Operator, (left: Compiled, right: Compiled) => Compiled>> = {
	add: (left, right) => (slots) => left(slots) + right(slots),
	subtract: (left, right) => (slots) => left(slots) - right(slots),
	multiply: (left, right) => (slots) => left(slots) * right(slots),
	divide: (left, right) => (slots) => left(slots) / right(slots),
	pow: (left, right) => (slots) => left(slots) ** right(slots),
	unaryMinus: (left) => (slots) => -left(slots),
	unaryPlus: (left) => left,
	smaller: (left, right) => (slots) => truth(left(slots) < right(slots)),
	smallerEq: (left, right) => (slots) => truth(left(slots) <= right(slots)),
	larger: (left, right) => (slots) => truth(left(slots) > right(slots)),
	largerEq: (left, right) => (slots) => truth(left(slots) >= right(slots)),
	equal: (left, right) => (slots) => truth(left(slots) === right(slots)),
	unequal: (left, right) => (slots) => truth(left(slots) !== right(slots)),
	and: (left, right) => (slots) => truth(left(slots) !== 0 && right(slots) !== 0),
	or: (left, right) => (slots) => truth(left(slots) !== 0 || right(slots) !== 0),
	not: (left) => (slots) => truth(left(slots) === 0),
};

const unary: Readonly<Record<string, (value: number) => number>> = {
	ceil: Math.ceil,
	floor: Math.floor,
	round: Math.round,
	abs: Math.abs,
	sqrt: Math.sqrt,
	log2: Math.log2,
};

function compileCall({ name, operands }: Expression & { kind: 'call' }, context: CompileContext): Compiled {
	const nameOf = (operand: Expression | undefined): string | null => (operand?.kind === 'name' ? operand.name : null);
	if (name === 'memoryEnergy' || name === 'memoryBits' || name === 'footprintBits') {
		const slot = context.memorySlot(name, nameOf(operands[0]) ?? '', nameOf(operands[1]));
		return (slots) => slots[slot] ?? 0;
	}
	if (name === 'interp') {
		const tableName = nameOf(operands[0]) ?? '';
		const table = context.table(tableName);
		// The slot of a table constant holds a factor on all its values: 1, or more and less at the ends of its interval.
		const factor = context.slot(tableName);
		const key = compile(operands[1] as Expression, context);
		return table ? (slots) => (slots[factor] ?? 1) * lookUp(table, key(slots)) : () => Number.NaN;
	}
	const compiled = operands.map((operand) => compile(operand, context));
	if (name === 'min')
		return (slots) => compiled.reduce((least, value) => Math.min(least, value(slots)), Number.POSITIVE_INFINITY);
	if (name === 'max') return (slots) => compiled.reduce((most, value) => Math.max(most, value(slots)), Number.NEGATIVE_INFINITY);
	const apply = unary[name] ?? (() => Number.NaN);
	const [first] = compiled as [Compiled];
	return (slots) => apply(first(slots));
}
