/** The command that gives a result again, from what the result says of itself. */

import type { Analysis } from './analysis.ts';
import { visible } from './escaping.ts';

/** A command line for a POSIX shell; file names are those the run was given. */
export function reproduceCommand(analysis: Analysis): string {
	const { run, data, model, estimates } = analysis;
	const parts = ['snn-energy', 'analyze', quote(model.file)];
	const add = (option: string, value: string | number) => parts.push(`--${option}`, quote(String(value)));
	add('data', data.source);
	if (data.layout !== undefined) add('layout', data.layout);
	for (const [option, value] of Object.entries(data.preparation?.options ?? {})) add(option, value);
	add('samples', run.samples);
	add('timesteps', run.timesteps);
	add('encoder', run.encoder);
	if (run.spikeTest !== 'element') add('spike-test', run.spikeTest);
	if (run.graded !== 'mac') add('graded', run.graded);
	for (const profile of new Set(estimates.map((estimate) => estimate.profile))) add('profile', profile);
	const accountings = [...new Set(estimates.map((estimate) => estimate.accounting))];
	if (accountings.some((accounting) => accounting !== 'exact')) add('accounting', accountings.join(','));
	return parts.join(' ');
}

function quote(argument: string): string {
	const text = visible(argument);
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
