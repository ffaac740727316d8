import { elementCount } from '../model/tensors.ts';
import { type Balance, balanceFrom, distinct, type Finding } from '../network/findings.ts';
import type { Classification } from './classify.ts';
import * as messages from './messages.ts';
import type { RunRecord } from './run-record.ts';
import type { ScoreRange } from './score-range.ts';

/**
 * The second entry of the balance: what the counts themselves say against the structure they were counted with. It rests on all
 * samples of the record, so that it does not depend on how a run was cut into parts.
 *
 * @param classes  how the layers' inputs were classified, in the order of the facts
 */
export function balanceOnData(record: RunRecord, classes: readonly Classification[]): Balance {
	const { facts, observed, scores, samples } = record;
	const uncounted = facts.products.flatMap(({ name, op, shape }): Finding[] =>
		shape ? [] : [{ kind: 'not-understood', subject: name, sentence: messages.productNotCounted(name, op) }],
	);
	const found =
		samples === 0 ? [] : [...withoutNeuron(record, classes), ...silentOrSaturated(record), ...ofScores(scores, samples)];
	const findings = distinct([...facts.balance.findings, ...observed, ...uncounted, ...found]);
	const known = new Set([...facts.synapses, ...facts.products, ...facts.neurons].map(({ name }) => name));
	const unknown = new Set(
		findings.filter(({ kind, subject }) => kind === 'not-understood' && !known.has(subject)).map(({ subject }) => subject),
	);
	return balanceFrom(facts.synapses.length + facts.products.length + facts.neurons.length + unknown.size, findings);
}

/** One element alone is no evidence of two values. */
const fewestElements = 2;

/** Inputs of weights that hold two values and come from no neuron that was found; graded ones that are no multiples. */
function withoutNeuron({ facts, counts }: RunRecord, classes: readonly Classification[]): Finding[] {
	return facts.synapses.flatMap(({ name, fromThreshold, fromInput, sources }, at): Finding[] => {
		const { inexact, theta, inputKind } = classes[at] as Classification;
		const tallies = counts.synapses[at] ?? [];
		if (inexact) {
			const smallest = Math.min(...tallies.flatMap(({ magnitudes }) => [...(magnitudes?.keys() ?? [])]));
			return [{ kind: 'doubtful', subject: name, sentence: messages.inexactMultiples(name, smallest) }];
		}
		const elements = tallies.reduce((sum, { active }) => sum + active, 0);
		const known = fromThreshold || fromInput || sources.length > 0;
		if (inputKind !== 'spikes' || theta === null || known || elements < fewestElements) return [];
		return [{ kind: 'not-understood', subject: name, sentence: messages.binaryWithoutThreshold(name, theta) }];
	});
}

function silentOrSaturated({ facts, counts, samples }: RunRecord): Finding[] {
	return facts.neurons.flatMap(({ name, spiking, needed, shape }, at): Finding[] => {
		const tallies = counts.spikes[at] ?? [];
		const spikes = tallies.reduce((sum, { active }) => sum + active, 0);
		if (!spiking) return [];
		if (spikes === 0) return needed ? [{ kind: 'dead', subject: name, sentence: messages.deadLayer(name, samples) }] : [];
		return spikes === elementCount(shape) * samples * tallies.length
			? [{ kind: 'saturated', subject: name, sentence: messages.saturatedLayer(name) }]
			: [];
	});
}

function ofScores(scores: ScoreRange | null, samples: number): Finding[] {
	if (!scores) return [];
	const { classes, flat, low, high, highestLabel } = scores;
	const findings: Finding[] = [];
	const add = (kind: Finding['kind'], sentence: string): void => {
		findings.push({ kind, subject: 'class scores', sentence });
	};
	if (classes > 1 && flat === samples) add('no-answer', messages.scoresEqualForClasses(classes));
	else if (samples > 1 && low.every((value, at) => value === high[at])) add('no-answer', messages.scoresEqualForSamples(samples));
	if (classes > 1 && highestLabel >= classes) add('doubtful', messages.labelsOutOfRange(highestLabel, classes));
	return findings;
}
