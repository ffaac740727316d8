import type { NirPrimitive } from './records.ts';

/**
 * How each field of each primitive lies in the file. Names in the file are the records' in snake_case.
 *
 * - array: numbers of any shape, needed; array?: may be absent
 * - sizes: one or several whole numbers, needed; sizes?: may be absent
 * - padding: whole numbers, or the text "same" or "valid"
 * - integer: one whole number
 */
export type FieldKind = 'array' | 'array?' | 'sizes' | 'sizes?' | 'padding' | 'integer';

type Fields<P> = P extends NirPrimitive ? { readonly [K in Exclude<keyof P, 'type'>]-?: FieldKind } : never;

const convolution = {
	inputShape: 'sizes?',
	weight: 'array',
	stride: 'sizes',
	padding: 'padding',
	dilation: 'sizes',
	groups: 'integer',
	bias: 'array',
} as const;
const pool = { kernelSize: 'sizes', stride: 'sizes', padding: 'sizes' } as const;

export const primitiveFields: { readonly [P in NirPrimitive as P['type']]: Fields<P> } = {
	Input: { shape: 'sizes' },
	Output: { shape: 'sizes' },
	Affine: { weight: 'array', bias: 'array' },
	Linear: { weight: 'array' },
	Scale: { scale: 'array' },
	Conv1d: convolution,
	Conv2d: convolution,
	SumPool2d: pool,
	AvgPool2d: pool,
	Flatten: { inputType: 'sizes?', startDim: 'integer', endDim: 'integer' },
	I: { r: 'array' },
	IF: { r: 'array', vThreshold: 'array', vReset: 'array?' },
	LI: { tau: 'array', r: 'array', vLeak: 'array' },
	LIF: { tau: 'array', r: 'array', vLeak: 'array', vThreshold: 'array', vReset: 'array?' },
	CubaLI: { tauSyn: 'array', tauMem: 'array', r: 'array', vLeak: 'array', wIn: 'array?' },
	CubaLIF: { tauSyn: 'array', tauMem: 'array', r: 'array', vLeak: 'array', vThreshold: 'array', vReset: 'array?', wIn: 'array?' },
	Threshold: { threshold: 'array' },
	Delay: { delay: 'array' },
};

export const nameInFile = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
