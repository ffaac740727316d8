import { UserError } from '../errors.ts';
import type { StatePairing } from '../model/model-file.ts';
import type { JoinedAnswer } from './answers.ts';
import * as messages from './messages.ts';
import type { Readout, ReadoutRule } from './network.ts';
import { downstream } from './reachability.ts';
import type { SpikeContext } from './spike-paths.ts';

export interface ReadoutChoice {
	readonly readout: Readout;
	readonly sentence: string | null;
}

const byName: readonly RegExp[] = [/logit|score|class|pred|prob/i, /^(spk|spikes?)(_?out|_?rec|\d*)?$/i, /out/i, /spk|spike/i];
const notAnswers = /mem|syn|state|hidden|volt|current/i;

/**
 * Chooses the output that holds the class scores and how timesteps are combined: spikes are summed over time, an
 * accumulated membrane is read at the end.
 *
 * @throws UserError when a named output does not exist, or every output is a state
 */
export function chooseReadout(
	context: SpikeContext,
	states: readonly StatePairing[],
	options: {
		output?: string | undefined;
		rule?: ReadoutRule | undefined;
		timesteps: number | null;
		step: boolean;
		metadata: ReadonlyMap<string, string>;
		answers: readonly JoinedAnswer[];
	},
	file: string,
): ReadoutChoice {
	const { outputs } = context.index.graph;
	const spikes = (name: string): boolean => {
		const set = context.sets.get(name);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	const stateOutputs = new Set(states.map(({ output }) => output));
	const wanted = options.output ?? options.metadata.get('snn.output');
	let output: string;
	if (wanted !== undefined && outputs.some(({ name }) => name === wanted)) output = wanted;
	else if (options.output !== undefined) {
		throw new UserError(
			messages.outputUnknown(
				file,
				options.output,
				outputs.map(({ name }) => name),
			),
		);
	} else {
		// One output a timestep is an answer with a time axis; the parts alone are none.
		const parts = new Set(options.answers.flatMap((answer) => answer.parts));
		const free = outputs.map(({ name }) => name).filter((name) => !stateOutputs.has(name) && !parts.has(name));
		// An accumulating output layer, or a recurrent one whose spikes come back, is a state and the answer at once.
		const both = outputs.map(({ name }) => name).filter((name) => stateOutputs.has(name));
		const named = both.filter((name) => byName[0]?.test(name));
		const undecided = states.flatMap(({ input, output: name }) => (reachesSpikes(input, context) ? [] : [name]));
		const pool =
			[free, named, both.filter((name) => spikes(name)), undecided.length === 1 ? undecided : []].find(
				({ length }) => length > 0,
			) ?? [];
		if (pool.length === 0) throw new UserError(messages.noAnswer(file));
		const likely = byName.flatMap((pattern) => pool.filter((name) => pattern.test(name) && !notAnswers.test(name)));
		const spiking = pool.filter((name) => context.sets.get(name)?.kind !== 'any');
		output = likely[0] ?? spiking[0] ?? (pool[0] as string);
	}
	const set = context.sets.get(output);
	const metadataRule = options.metadata.get('snn.readout');
	const rule: ReadoutRule =
		options.rule ??
		(metadataRule === 'sum' || metadataRule === 'last'
			? metadataRule
			: stateOutputs.has(output) && !spikes(output)
				? 'last'
				: set !== undefined && set.kind !== 'any'
					? 'sum'
					: options.step && dependsOnOwnState(output, states, context)
						? 'last'
						: 'sum');
	const overTime = options.timesteps === 1 ? 'as it is' : rule === 'sum' ? 'summed over timesteps' : 'its last value';
	const chosen = options.output === undefined || options.rule === undefined;
	return {
		readout: { output, rule },
		sentence:
			chosen && outputs.length + (options.timesteps === 1 ? 0 : 1) > 1 ? messages.readoutInferred(output, overTime) : null,
	};
}

/** Whether a state is decided over, as a membrane is; the sum of an answer is not. */
const reachesSpikes = (input: string, { index, sets }: SpikeContext): boolean =>
	[...downstream(input, index)].some((tensor) => {
		const set = sets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	});

/** An output that is the same tensor as a state output's source accumulates over time already. */
function dependsOnOwnState(output: string, states: readonly StatePairing[], { index }: SpikeContext): boolean {
	const from = index.producer.get(output);
	return states.some((state) => {
		const other = index.producer.get(state.output);
		return (
			from !== undefined &&
			other !== undefined &&
			(other.inputs.includes(output) || from.inputs.includes(state.output) || other === from)
		);
	});
}
