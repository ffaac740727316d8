import { int } from '../../../model/attributes.ts';
import { assumptions } from '../messages.ts';
import type {
	NirArray,
	NirCurrentLeakyIntegrateAndFire,
	NirCurrentLeakyIntegrator,
	NirIntegrateAndFire,
	NirIntegrator,
	NirLeakyIntegrateAndFire,
	NirLeakyIntegrator,
	NirThreshold,
} from '../records.ts';
import { add, closeState, openState } from './builder.ts';
import type { EmitContext } from './context.ts';
import { constantOf, mapParameter, type Parameter, parameterOf, stepFraction, unitGain } from './parameters.ts';

const floatType = { to: int(1) } as const;

/** v + r·S; for IF also the threshold and reset. */
export function integrate(record: NirIntegrator | NirIntegrateAndFire, context: EmitContext): string {
	const { builder, name, outputShape } = context;
	const v = openState(builder, `${name}.v`, outputShape);
	const drive = times(context.input, parameterOf(record.r, 'r', context), 'r', context);
	return finish(v, add(builder, name, 'Add', [v, drive], `${name}.v.integrated`), record, context);
}

/** v + dt/τ·(v_leak − v + r·S); for LIF also the threshold and reset. */
export function leakyIntegrate(record: NirLeakyIntegrator | NirLeakyIntegrateAndFire, context: EmitContext): string {
	const { builder, name, outputShape } = context;
	const v = openState(builder, `${name}.v`, outputShape);
	return finish(v, leak(v, context.input, record.tau, 'tau', record, context), record, context);
}

/** i + dt/τ_syn·(w_in·S − i), then v + dt/τ_mem·(v_leak − v + r·i) with the new i; for CubaLIF also the threshold and reset. */
export function currentLeakyIntegrate(
	record: NirCurrentLeakyIntegrator | NirCurrentLeakyIntegrateAndFire,
	context: EmitContext,
): string {
	const { builder, name, outputShape } = context;
	const i = openState(builder, `${name}.i`, outputShape);
	const v = openState(builder, `${name}.v`, outputShape);
	if (record.wIn === undefined) {
		context.notes.push(assumptions.missingWeight(name));
	}
	const weight = record.wIn === undefined ? 1 : parameterOf(record.wIn, 'w_in', context);
	const drive = times(context.input, weight, 'w_in', context);
	const difference = add(builder, name, 'Sub', [drive, i], `${name}.i.difference`);
	const fraction = constantOf(stepFraction(record.tauSyn, 'tau_syn', context), 'dt_over_tau_syn', context);
	const change = add(builder, name, 'Mul', [difference, fraction], `${name}.i.change`);
	const current = add(builder, name, 'Add', [i, change], `${name}.i.next`);
	closeState(builder, i, current, outputShape);
	return finish(v, leak(v, current, record.tauMem, 'tau_mem', record, context), record, context);
}

/** 1 where S > threshold, else 0. */
export function threshold(record: NirThreshold, context: EmitContext): string {
	const { builder, name } = context;
	const level = constantOf(parameterOf(record.threshold, 'threshold', context), 'threshold', context);
	const above = add(builder, name, 'Greater', [context.input, level], `${name}.above`);
	return add(builder, name, 'Cast', [above], `${name}.spikes`, floatType);
}

/**
 * v + dt/τ·(v_leak − v + r·S), in the order of operations that whoever wrote the file is known to use: where dt/τ·r is 1 for every
 * neuron and v_leak is 0, the exporter made τ and r from a leak λ, and λ·v + S rounds as its own arithmetic does.
 */
function leak(
	v: string,
	input: string,
	tau: NirArray,
	field: string,
	record: { readonly r: NirArray; readonly vLeak: NirArray },
	context: EmitContext,
): string {
	const { builder, name } = context;
	const rest = parameterOf(record.vLeak, 'v_leak', context);
	if (rest === 0 && unitGain(tau, record.r, context)) {
		const kept = mapParameter(stepFraction(tau, field, context), (fraction) => 1 - fraction);
		const leaked = add(builder, name, 'Mul', [v, constantOf(kept, 'leak', context)], `${name}.v.leaked`);
		return add(builder, name, 'Add', [leaked, input], `${name}.v.integrated`);
	}
	const drive = times(input, parameterOf(record.r, 'r', context), 'r', context);
	const target = rest === 0 ? drive : add(builder, name, 'Add', [drive, constantOf(rest, 'v_leak', context)], `${name}.v.target`);
	const difference = add(builder, name, 'Sub', [target, v], `${name}.v.difference`);
	const fraction = constantOf(stepFraction(tau, field, context), `dt_over_${field}`, context);
	const change = add(builder, name, 'Mul', [difference, fraction], `${name}.v.change`);
	return add(builder, name, 'Add', [v, change], `${name}.v.integrated`);
}

function times(tensor: string, factor: Parameter, field: string, context: EmitContext): string {
	return factor === 1
		? tensor
		: add(context.builder, context.name, 'Mul', [tensor, constantOf(factor, field, context)], `${context.name}.times_${field}`);
}

/** Threshold and reset, where the record has them, and the state for the next timestep. Returns the node's output. */
function finish(
	v: string,
	integrated: string,
	record: { readonly r: NirArray; readonly vThreshold?: NirArray; readonly vReset?: NirArray },
	context: EmitContext,
): string {
	const { builder, name, outputShape } = context;
	if (record.vThreshold === undefined) {
		closeState(builder, v, integrated, outputShape);
		return integrated;
	}
	const level = constantOf(parameterOf(record.vThreshold, 'v_threshold', context), 'v_threshold', context);
	const above = add(builder, name, 'Greater', [integrated, level], `${name}.above`);
	const spikes = add(builder, name, 'Cast', [above], `${name}.spikes`, floatType);
	closeState(builder, v, reset(integrated, spikes, level, record.vReset, context), outputShape);
	return spikes;
}

function reset(integrated: string, spikes: string, level: string, vReset: NirArray | undefined, context: EmitContext): string {
	const { builder, name } = context;
	const next = `${name}.v.next`;
	if (context.reset === 'subtract') {
		const fall = add(builder, name, 'Mul', [spikes, level], `${name}.v.fall`);
		return add(builder, name, 'Sub', [integrated, fall], next);
	}
	const target = vReset === undefined ? 0 : parameterOf(vReset, 'v_reset', context);
	if (target === 0) {
		const fall = add(builder, name, 'Mul', [spikes, integrated], `${name}.v.fall`);
		return add(builder, name, 'Sub', [integrated, fall], next);
	}
	const rise = add(builder, name, 'Sub', [constantOf(target, 'v_reset', context), integrated], `${name}.v.to_reset`);
	const change = add(builder, name, 'Mul', [spikes, rise], `${name}.v.reset_change`);
	return add(builder, name, 'Add', [integrated, change], next);
}
