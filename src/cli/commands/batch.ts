import type { Command } from '../command.ts';
import { withSubcommands } from '../command.ts';
import { merge } from './batch-merge.ts';
import { plan } from './batch-plan.ts';

const subcommands = [plan, merge];

export const batch: Command = {
	command: 'batch',
	describe: 'Many runs on many machines: job list for Slurm, Kubernetes or xargs, and joining the counts',
	builder: (command) => withSubcommands(command, subcommands).demandCommand(1, 'Say what to do: plan or merge.'),
	subcommands,
	examples: [
		['batch plan models/* --profile 45nm,loihi --shards 8 --out sweep'],
		['batch merge shards/*.activity.json --out run.activity.json'],
	],
	handler: () => undefined,
};
