import { compareWithDense, estimate, loadProfile, withConstants } from '../../src/hardware/index.ts';
import { programOf, shareProgram } from '../../src/hardware/program.ts';
import { smallNetwork } from './support/activities.ts';

const run = smallNetwork(3);

/** A value of its own for a constant, in its unit. */
const moved = (value: number, unitSize: number, unit: string): string =>
	`${Number(((1.01 * value) / unitSize).toPrecision(6))}${unit}`;

// With tables, computed constants, a memory, a roofline, terms of the whole inference.
test.each(['45nm', '45nm-memory', 'loihi', 'loihi-sanafe', '28nm-prosperity'])(
	'%s: prices are the same with the program of the unchanged profile',
	(name) => {
		const profile = loadProfile(name);
		for (const { name: constant, value, unit, unitSize, table, formula } of profile.constants.values()) {
			const change = [`${constant}=${table ? '1.01' : moved(value.nominal, unitSize, unit)}`];
			const [own, shared] = [withConstants(profile, change), withConstants(profile, change)];
			shareProgram(programOf(profile), shared);
			// A computed constant that is set is computed no more: that is another program.
			expect(programOf(shared).energy === programOf(profile).energy).toBe(formula === null);
			expect(estimate(run, shared)).toEqual(estimate(run, own));
			expect(compareWithDense(run, shared)).toEqual(compareWithDense(run, own));
		}
	},
);
