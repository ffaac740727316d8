import { loadProfile } from '../../../src/hardware/profile/load.ts';
import type { LeaveOneOutCase } from '../../../src/hardware/validation/case.ts';
import { parseCase, readCases, shippedCases } from '../../../src/hardware/validation/case-file.ts';
import { compareLeaveOneOut, fittedConstants } from '../../../src/hardware/validation/kinds/leave-one-out.ts';

const base = `
name: runs
title: runs of a processor
kind: leave-one-out
authority: silicon
source: nobody
profile: gpu-kws2019
`;

/** Runs that follow the profile exactly: t = 2 ms + layers · 10 µs (a synaptic layer comes with its neurons), 5 W. */
const row = (layers: number, milliseconds: number, entries = ''): string => `
  - name: ${layers} layers
    timesteps: 1
    layers: ${layers}
    terms: [dynamic]
    published:
      - { quantity: latency, value: ${milliseconds} ms, tolerance: 0.01 }
      - { quantity: energyPerInference, value: ${5 * milliseconds} mJ, tolerance: 0.01 }${entries}`;

const runs = (rows: string, fit = '{ time: [t_call, t_layer], energy: [P_dynamic] }'): LeaveOneOutCase =>
	parseCase(`${base}fit: ${fit}\nrows:${rows}\n`, 'runs.yaml') as LeaveOneOutCase;

const line = row(10, 2.2) + row(50, 3) + row(100, 4);

test('runs on a line give its constants back, and each is predicted by the others', () => {
	const content = runs(line);
	const constants = fittedConstants(content, 'runs.yaml');
	expect(constants.get('t_call')).toBeCloseTo(2e-3, 12);
	expect(constants.get('t_layer')).toBeCloseTo(10e-6, 12);
	expect(constants.get('P_dynamic')).toBeCloseTo(5, 9);
	for (const { ours, theirs } of compareLeaveOneOut(content, 'runs.yaml')) expect(ours / (theirs ?? 0)).toBeCloseTo(1, 9);
});

test('a run that is off the line is held out of its own prediction', () => {
	const [, , off] = compareLeaveOneOut(runs(row(10, 2.2) + row(50, 9) + row(100, 4)), 'runs.yaml');
	expect(off?.theirs).toBeCloseTo(9e-3, 12);
	expect(off?.ours).toBeCloseTo(3e-3, 9);
});

test('rows of a group are held out together, and rows that do not fit are only judged', () => {
	const grouped = row(50, 9, '\n    group: odd') + row(60, 11, '\n    group: odd');
	const outliers = compareLeaveOneOut(runs(line + grouped), 'runs.yaml').filter(({ quantity }) => /time, (50|60)/.test(quantity));
	expect(outliers.at(-1)?.ours).toBeCloseTo(3.2e-3, 9);
	const judged = compareLeaveOneOut(runs(line + row(70, 9, '\n    fits: false')), 'runs.yaml');
	expect(judged.find(({ quantity }) => quantity === 'time, 10 layers')?.ours).toBeCloseTo(2.2e-3, 9);
	expect(judged.find(({ quantity }) => quantity === 'time, 70 layers')?.ours).toBeCloseTo(3.4e-3, 9);
	expect(compareLeaveOneOut(runs(line + row(70, 3.4, '\n    judged: false')), 'runs.yaml')).toHaveLength(6);
});

test('a rate is fitted as the time it stands for', () => {
	const rate = line.replaceAll(
		/quantity: latency, value: ([\d.]+) ms/g,
		(_, ms) => `quantity: throughput, value: ${1000 / ms} Hz`,
	);
	const constants = fittedConstants(runs(rate), 'runs.yaml');
	expect(constants.get('t_layer')).toBeCloseTo(10e-6, 12);
});

test.each([
	['a constant nobody has', runs(line, '{ time: [t_wings] }'), 'names "t_wings", which is not a constant'],
	['a constant that is computed', runs(line, '{ time: [t_step] }'), 'names "t_step"'],
	['constants the rows cannot tell apart', runs(row(10, 2.2) + row(10, 2.2, '\n    group: other')), 'cannot tell the constants'],
	['fewer rows than constants', runs(row(10, 2.2) + row(50, 3)), 'cannot tell the constants'],
])('%s is refused in a sentence', (_what, content, sentence) => {
	expect(() => compareLeaveOneOut(content, 'runs.yaml')).toThrow(sentence);
});

/** Cases whose profile holds what all of their rows give; E_synapse of Loihi is a published price the logs only confirm. */
const held: readonly (readonly [string, readonly string[]])[] = [
	['loihi-kws-logs', ['t_host', 't_inputCore', 'P_host']],
	['cpu-kws2019-runs', ['t_call', 't_layer', 't_mac', 'P_dynamic']],
	['gpu-kws2019-runs', ['t_call', 't_layer', 't_mac', 'P_dynamic']],
	['jetson-kws2019-runs', ['t_call', 't_mac', 'P_dynamic']],
	['movidius-kws2019-runs', ['t_call', 't_layer', 'P_dynamic']],
	['truenorth-eedn', ['P_core', 'E_tick']],
	...['eyeriss', 'ptb', 'sato', 'mint', 'stellar', 'prosperity'].map(
		(name) => [`prosperity-${name}`, ['cyclesPerOperation']] as const,
	),
];

test.each(held)('the constants fitted to %s are those its profile ships with', (name, names) => {
	const found = readCases(shippedCases).find(({ content }) => content.name === name);
	if (found?.content.kind !== 'leave-one-out') throw new Error(`no such case: ${name}`);
	const fitted = fittedConstants(found.content, found.path);
	const { constants } = loadProfile(found.content.profile);
	for (const constant of names) {
		const shipped = constants.get(constant)?.value;
		expect((fitted.get(constant) ?? 0) / (shipped?.nominal ?? 1)).toBeCloseTo(1, 2);
	}
});
