/** The page `snn-energy --help` prints: every verb on one screen, grouped by what a user wants to do. */

export interface HelpGroup {
	readonly job: string;
	readonly verbs: readonly (readonly [usage: string, does: string])[];
}

export const helpGroups: readonly HelpGroup[] = [
	{
		job: 'What does my network cost?',
		verbs: [
			['analyze <model>', 'run it on data, count every event, price energy and latency'],
			['inspect <model>', 'show the structure found: layers, neurons, states, timesteps'],
			['compare <models..>', 'DNN beside SNN variants, a row each'],
			['fit <model>', 'place it on a many-core chip: walls, cores, latency, bottleneck'],
			['chip <network>', 'run an explicit network with its mapping on a many-core chip'],
		],
	},
	{
		job: 'How sure is that, and why?',
		verbs: [
			['price <run>', 'price saved counts again under other profiles'],
			['accountings <run>', 'the same run counted in each published way'],
			['sensitivity <run>', 'which constants matter'],
			['break-even <run>', 'when the SNN stops beating the DNN'],
			['memory <run>', 'what memory holds and moves; membrane traffic against T'],
			['profiles', 'list, show and check hardware profiles'],
			['validate', 'scorecard against silicon, papers and other simulators'],
		],
	},
	{
		job: 'Run many, on many machines',
		verbs: [
			['sweep <models..>', 'models × profiles × T as a job list for Slurm, Kubernetes, xargs'],
			['merge <shards..>', 'join the counts of shards (analyze --shard K/N) to those of the whole run'],
		],
	},
	{
		job: 'Publish it',
		verbs: [
			['report <results..>', 'one HTML page with answer, charts, method and sources'],
			['plot <results..>', 'every chart as a figure for a paper'],
			['tables', 'the paper tables in reports/'],
			['diff <before> <after>', 'what changed between two results'],
		],
	},
	{
		job: 'Make a network',
		verbs: [
			['train', 'train an SNN at T = 5, then shrink T to 1 (IIR-SNN)'],
			['convert <model>', 'turn a ReLU network into a spiking one'],
			['export <model>', 'ONNX step model, unrolled ONNX, tfjs, NIR'],
			['data', 'fetch, list and check data sets'],
		],
	},
];

export function topHelp(name: string): string {
	const lines = [
		`${name}: what a spiking neural network costs in energy and time`,
		'',
		`Usage: ${name} <command> [options]    ${name} <command> --help for its options and examples`,
		'',
	];
	for (const { job, verbs } of helpGroups) {
		lines.push(job);
		for (const [usage, does] of verbs) lines.push(`  ${usage.padEnd(24)}${does}`);
	}
	return `${lines.join('\n')}\n`;
}
