import { readFileSync } from 'node:fs';
import type { Activity } from '../../src/activity/activity.ts';
import { breakEven, type DataflowRow, dataflowStudy, estimate, loadProfile } from '../../src/hardware/index.ts';
import { activityOf, parseAnalysis } from '../../src/reporting/index.ts';
import { activity } from './support/activities.ts';

const shipped = (model: string): Activity => {
	const file = `models/${model}.analysis.json`;
	return activityOf(parseAnalysis(readFileSync(file, 'utf8'), file));
};

const rowsOf = (run: Activity, set: readonly string[] = []): Readonly<Record<string, DataflowRow>> => {
	const study = dataflowStudy(run, '45nm', loadProfile('45nm-memory', { set }));
	return Object.fromEntries((study?.rows ?? []).map((row) => [row.dataflow, row]));
};

/** Eight bits for weights and activations, sixteen for sums, as the int8 profiles of the prototype. */
const int8 = ['E_mul=0.2pJ', 'E_add=0.1pJ', 'weightWidth=8bit', 'activationWidth=8bit', 'stateWidth=16bit'];

/**
 * Microjoules of a prototype that stated the same bounds by hand: sums free inside a weight-stationary array of any
 * height, and an event-driven machine whose analog first layer alone is weight-stationary.
 */
test.each([
	['mnist-cnn/model', [], 11.67, 22.81, 89.76],
	['fashion-cnn/model', [], 9.372, 22.58, 44.86],
	['cifar10-vgg/model', [], 59.08, 426.3, 444.5],
	['cifar10-vgg/model-T5', [], 276.3, 1877, 444.5],
	['mnist-cnn/model', int8, 1.255, 2.689, 10.39],
	['fashion-cnn/model', int8, 0.9281, 2.628, 4.615],
	['cifar10-vgg/model', int8, 6.294, 54.38, 32.14],
])('%s %j costs what the prototype says, within 5 %%', (model, set, stationary, perEvent, dnn) => {
	const rows = rowsOf(shipped(model), [...set, 'arrayRows=1000000']);
	const micro = (value: number | undefined): number => (value ?? 0) * 1e6;
	expect(micro(rows['weight-stationary']?.snnEnergyJoules.nominal) / stationary).toBeCloseTo(1, 1);
	expect(Math.abs(micro(rows['weight-stationary']?.snnEnergyJoules.nominal) / stationary - 1)).toBeLessThan(0.05);
	expect(Math.abs(micro(rows['output-stationary']?.snnEnergyJoules.nominal) / perEvent - 1)).toBeLessThan(0.05);
	expect(Math.abs(micro(rows['weight-stationary']?.dnnEnergyJoules?.nominal) / dnn - 1)).toBeLessThan(0.05);
});

test('with one timestep the spiking network costs exactly what the equal one-bit DNN that skips zeros costs', () => {
	for (const name of ['45nm', '45nm-int8', '45nm-memory', '7nm', '7nm-memory', 'lemaire2022', 'keras-spiking-gpu']) {
		const profile = loadProfile(name);
		for (const model of ['mnist-cnn/model', 'cifar10-vgg/model']) {
			const run = shipped(model);
			expect([name, breakEven(run, profile).rivals.find((rival) => rival.name === 'matched')?.ratio]).toEqual([name, 1]);
			for (const { dataflow, ratioToMatched } of dataflowStudy(run, name, profile)?.rows ?? [])
				expect([name, dataflow, ratioToMatched]).toEqual([name, dataflow, 1]);
		}
	}
});

/** 10 inputs to 20 outputs to 5, T timesteps, `active` spikes into the second layer at each. */
const chain = (active: readonly number[]) =>
	activity([
		{
			name: 'fc1',
			analog: true,
			inputElements: 10,
			outputElements: 20,
			active: active.map((_, step) => (step === 0 ? 10 : null)),
		},
		{ name: 'lif1', neurons: 20, spikes: active },
		{ name: 'fc2', source: 'lif1', inputElements: 20, outputElements: 5, active },
		{ name: 'lif2', neurons: 5, spikes: active.map(() => 1) },
	]);

/** Words of 64 bits at 10 pJ, the price of small buffers; two 32-bit elements share one. */
const access = 5e-12;

test('each dataflow reads and writes what it says', () => {
	const run = chain([6, 6]);
	const terms = (flow: string) => estimate(run, loadProfile(`45nm-memory:${flow}`)).terms;
	const of = (flow: string, term: string) => (terms(flow)[term]?.nominal ?? 0) / access;
	// fc1 computes 200 connections once; fc2 has 30 events at each of two timesteps.
	expect(of('output-stationary', 'weights')).toBeCloseTo(200 + 30 + 30, 9);
	expect(of('weight-stationary', 'weights')).toBeCloseTo(200 + 30 + 30, 9);
	// 6 of 20 at two timesteps: 1 - 0.7² of 100 connections see an event at all.
	expect(of('temporal-parallel', 'weights')).toBeCloseTo(200 + 51, 9);
	expect(of('event-driven', 'weights')).toBeCloseTo(200 + 60, 9);
	expect(of('event-driven', 'sums')).toBeCloseTo(2 * (200 + 60), 9);
	for (const flow of ['output-stationary', 'weight-stationary', 'temporal-parallel']) expect(of(flow, 'sums')).toBe(0);
	// 25 neurons, one word written after the first timestep and read before the second.
	expect(of('event-driven', 'membrane')).toBeCloseTo(50, 9);
	expect(of('temporal-parallel', 'membrane')).toBe(0);
	expect(estimate(run, loadProfile('45nm-memory:temporal-parallel')).unpriced).not.toContain('stateReads');
});

test('a weight-stationary array too low for a window writes and reads its sums between groups of taps', () => {
	const sums = (rows: number) =>
		(estimate(chain([6]), loadProfile('45nm-memory:weight-stationary', { set: [`arrayRows=${rows}`] })).terms.sums?.nominal ??
			0) / access;
	// fc1: 20 sums over ⌈10 / 4⌉ = 3 groups; fc2: 5 sums over 5 groups.
	expect(sums(4)).toBeCloseTo(2 * (20 * 2 + 5 * 4), 9);
	expect(sums(20)).toBe(0);
});

test('the band holds the spiking network in every dataflow against the DNN in its best', () => {
	const study = dataflowStudy(shipped('cifar10-vgg/model'), '45nm', loadProfile('45nm-memory'));
	expect(study?.rows.map(({ dataflow }) => dataflow)).toEqual([
		'output-stationary',
		'weight-stationary',
		'event-driven',
		'temporal-parallel',
	]);
	const dnn = study?.rows.map(({ dnnEnergyJoules }) => dnnEnergyJoules?.nominal ?? 0) ?? [];
	for (const row of study?.rows ?? []) {
		expect(row.ratioToBest?.nominal).toBeCloseTo(Math.min(...dnn) / row.snnEnergyJoules.nominal, 12);
		expect(row.ratioToBest?.low).toBeLessThanOrEqual(row.ratioToBest?.nominal ?? 0);
		const own = estimate(shipped('cifar10-vgg/model'), loadProfile(`45nm-memory:${row.dataflow}`));
		expect(own.energyPerInferenceJoules).toEqual(row.snnEnergyJoules);
		expect(own.profile).toBe(`45nm-memory:${row.dataflow}`);
	}
	expect(study?.ratio?.low).toBeLessThan(1);
	expect(study?.ratio?.high).toBeGreaterThan(1);
});

test('one weight fetch can serve several operations, counted apart for skipped and for computed zeros', () => {
	const weights = (set: readonly string[]) => {
		const row = rowsOf(shipped('cifar10-vgg/model'), set)['output-stationary'];
		return [row?.snnEnergyJoules.nominal ?? 0, row?.dnnEnergyJoules?.nominal ?? 0] as const;
	};
	const [snn, dnn] = weights([]);
	const [snnReused, dnnSame] = weights(['weightReuse=16']);
	expect(snnReused).toBeLessThan(0.5 * snn);
	expect(dnnSame).toBe(dnn);
	const [snnNearly, dnnAlone] = weights(['weightReuseDense=1']);
	expect(dnnAlone).toBeGreaterThan(2 * dnn);
	expect(snnNearly / snn).toBeCloseTo(1, 1);
});

test('what a profile cannot say of its dataflows is refused', () => {
	expect(() => loadProfile('45nm-memory:sideways')).toThrow('has no dataflow "sideways"; it has output-stationary');
	expect(() => loadProfile('loihi:event-driven')).toThrow('Profile loihi has no dataflows');
	expect(dataflowStudy(chain([6]), 'loihi', loadProfile('loihi'))).toBeNull();
});
