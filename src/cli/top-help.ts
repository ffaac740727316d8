import { verbGroups } from './verbs.ts';

/** The page `snn-energy --help` prints: every verb on one screen, grouped by what a user wants to do. */
export function topHelp(name: string): string {
	const lines = [
		`${name}: what a spiking neural network costs in energy and time`,
		`Usage: ${name} <command> [options]    ${name} <command> --help for its options and examples`,
		'',
	];
	for (const { job, verbs } of verbGroups) {
		lines.push(job);
		for (const { usage, does } of verbs) lines.push(`  ${usage.padEnd(25)}${does}`);
	}
	lines.push(`Completion of words: eval "$(${name} --completion bash)", or zsh`);
	return `${lines.join('\n')}\n`;
}
