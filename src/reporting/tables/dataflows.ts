/** The shipped networks under every dataflow: how far energy and ratio move with the order of computing alone. */

import { dataflowStudy, loadProfile } from '../../hardware/index.ts';
import { activityOf } from '../analysis.ts';
import { networkActivity } from '../quantities.ts';
import type { Row, Table } from '../table.ts';
import { groups } from './groups.ts';
import { type MeasuredRun, runName } from './measured.ts';

const profileName = '45nm-memory';

/** What a machine of 8-bit integers changes: products of 8 bits, sums of 32 in the adder and 16 in memory. */
const eightBit = ['E_mul=0.2pJ', 'E_add=0.1pJ', 'weightWidth=8bit', 'activationWidth=8bit', 'stateWidth=16bit'];

/** One row for each spiking network of one timestep, precision and dataflow. */
export function dataflowsTable(runs: readonly MeasuredRun[]): Table {
	const machines = [
		{ precision: 'FP32', profile: loadProfile(profileName) },
		{ precision: 'int8', profile: loadProfile(profileName, { set: eightBit }) },
	];
	const rows = runs
		.filter(({ role, analysis }) => role === 'spiking' && analysis.run.timesteps === 1 && networkActivity(analysis).spiking)
		.flatMap((run) =>
			machines.flatMap(({ precision, profile }): Row[] =>
				(dataflowStudy(activityOf(run.analysis), profileName, profile)?.rows ?? []).map((row) => ({
					group: groups.measured,
					cells: [
						runName(run),
						precision,
						row.dataflow,
						row.snnEnergyJoules,
						row.dnnEnergyJoules,
						row.ratio,
						row.ratioToBest,
						row.ratioToMatched,
					],
				})),
			),
		);
	return {
		id: 'dataflows',
		caption: `Energy per inference of the networks of one timestep under every dataflow of ${profileName}.`,
		note: `The same counts throughout. Ratio: DNN ÷ SNN, both in this dataflow; against the best: the DNN in the dataflow that suits it best; equal bits: the one-bit DNN that skips zeros.`,
		columns: [
			{ key: 'network', title: 'network', quantity: 'text' },
			{ key: 'precision', title: 'precision', quantity: 'text' },
			{ key: 'dataflow', title: 'dataflow', quantity: 'text' },
			{ key: 'snnEnergyJoules', title: 'SNN', quantity: 'joules' },
			{ key: 'dnnEnergyJoules', title: 'DNN', quantity: 'joules' },
			{ key: 'ratio', title: 'ratio', quantity: 'ratio' },
			{ key: 'ratioToBest', title: 'against the best', quantity: 'ratio' },
			{ key: 'ratioToMatched', title: 'equal bits', quantity: 'ratio' },
		],
		rows,
	};
}
