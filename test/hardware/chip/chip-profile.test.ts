import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../src/errors.ts';
import { chipParameters } from '../../../src/hardware/chip/chip-profile.ts';
import { barrierSeconds } from '../../../src/hardware/chip/parameters.ts';
import { loadProfile } from '../../../src/hardware/profile/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-chip-'));
afterAll(() => rmSync(folder, { recursive: true }));

function chipOf(section: string) {
	const path = join(folder, 'mychip.yaml');
	writeFileSync(
		path,
		`name: mychip
title: an imaginary chip
summary: for tests
scope: per-term
sources: { here: { citation: invented } }
constants:
  E_event: { value: 2 pJ, evidence: assumed, source: here }
  t_event: { value: 3 ns, evidence: assumed, source: here }
  P_core: { value: 5 uW, evidence: assumed, source: here }
  t_barrier: { table: { 1: 100 ns, 3: 300 ns }, interpolation: step, evidence: assumed, source: here }
energy: { synapses: synapticEvents * E_event }
unpriced: []
chip:
${section.replace(/^/gm, '  ')}
`,
	);
	return () => chipParameters(loadProfile(path));
}

const least = 'mesh: { width: 2, height: 3, coresPerTile: 4 }\nsynapses: { dense: { energy: E_event, latency: t_event } }\n';

test('what a chip section leaves out costs nothing and limits nothing', () => {
	const chip = chipOf(least)();
	expect(chip.synapses).toEqual([{ names: ['dense'], energyJoules: 2e-12, latencySeconds: expect.closeTo(3e-9, 15) }]);
	expect(chip.neuronAccess).toEqual({ energyJoules: 0, latencySeconds: 0 });
	expect(chip.limits).toEqual({ neurons: null, synapticBytes: null, fanIn: null, axonsIn: null, axonsOut: null });
	expect(barrierSeconds(chip, 6)).toBe(0);
});

test('the barrier is that of the largest key not above the tiles in use', () => {
	const chip = chipOf(`${least}barrier: t_barrier\nstaticPower: { core: P_core }`)();
	expect([1, 2, 3, 6].map((tiles) => Math.round(barrierSeconds(chip, tiles) * 1e9))).toEqual([100, 100, 300, 300]);
	expect(chip.staticWattsPerCore).toBeCloseTo(5e-6, 12);
});

test.each([
	['no mesh', 'synapses: { dense: {} }', "chip must have required property 'mesh'"],
	['a role nobody knows', `${least}wings: 2`, 'chip must NOT have additional properties "wings"'],
	[
		'a constant that is missing',
		`${least}neuronAccess: { energy: E_nothing }`,
		'chip.neuronAccess.energy names the constant "E_nothing", which the profile does not define',
	],
	[
		'a time where an energy is wanted',
		`${least}axonOut: { energy: t_event }`,
		'chip.axonOut.energy names the constant "t_event" with unit "ns"; it must be an energy',
	],
	[
		'a table where one value is wanted',
		`${least}axonOut: { latency: t_barrier }`,
		'chip.axonOut.latency names the constant "t_barrier", which is a table',
	],
	['a barrier that is no time', `${least}barrier: E_event`, 'chip.barrier names the constant "E_event" with unit "pJ"'],
])('%s is refused in a sentence', (_what, section, sentence) => {
	expect(chipOf(section)).toThrow(UserError);
	expect(chipOf(section)).toThrow(sentence);
});

test('a profile without a chip section says so', () => {
	expect(() => chipParameters(loadProfile('45nm'))).toThrow('Profile "45nm" describes no many-core chip');
});

test('the shipped chips have the structure their documents state', () => {
	const cores = (name: string) => {
		const { mesh, limits } = chipParameters(loadProfile(name));
		return [mesh.width * mesh.height * mesh.coresPerTile, limits.neurons, limits.fanIn];
	};
	expect(cores('loihi-sanafe')).toEqual([128, 1024, null]);
	expect(cores('loihi')).toEqual([128, 1024, null]);
	expect(cores('loihi2')).toEqual([128, 8192, null]);
	expect(cores('truenorth')).toEqual([4096, 256, 256]);
	expect(cores('odin')).toEqual([1, 256, 256]);
});

test('a constant changed by the user changes the chip', () => {
	expect(chipParameters(loadProfile('loihi-sanafe', { set: ['E_axon_out=50 pJ'] })).axonOut.energyJoules).toBeCloseTo(50e-12, 18);
});
