import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import yargs from 'yargs/yargs';
import { completionScripts, completions } from '../../src/cli/completion.ts';
import { chartNames } from '../../src/reporting/charts/chart.ts';
import { chartsOf } from '../../src/reporting/figures.ts';
import { buildAnalysis } from '../../src/reporting/index.ts';
import { arithmeticEstimate, snntorchActivity } from '../support/activity-fixtures.ts';
import { builtFile } from '../support/built-cli.ts';

const complete = (line: string) => completions(line.split(' '), () => yargs([]).help(false).version(false));

test('verbs, verbs below verbs, options and values are completed; what is a file is left to the shell', async () => {
	expect(await complete('ana')).toEqual(['analyze']);
	expect(await complete('')).toContain('compare');
	expect(await complete('profiles s')).toEqual(['show']);
	expect(await complete('profiles show 45nm-m')).toEqual(['45nm-memory']);
	expect(await complete('analyze mod')).toEqual([':files']);
	// Options that are rarely needed are among them; one that stands is not offered again.
	expect(await complete('analyze x --st')).toEqual(['--state']);
	expect(await complete('analyze x --samples 3 --sam')).toEqual([]);
	expect(await complete('analyze x --format ')).toContain('latex');
	expect(await complete('analyze x --profile 45nm,loihi-sy')).toEqual(['45nm,loihi-system', ':files']);
	expect(await complete('train --dataset cifar1')).toEqual(['cifar10', 'cifar100', ':files']);
	expect(await complete('explain r.json --by memory,conv')).toEqual(['memory,conventions']);
	expect(await complete('analyze x -T ')).toEqual([]);
	expect(await complete('nonsense --')).toEqual([]);
});

test('every chart that results give is among the names offered', () => {
	const analyses = [2, 3].map((timesteps) => {
		const activity = snntorchActivity({ timesteps });
		return buildAnalysis(activity, [arithmeticEstimate(activity)]);
	});
	for (const { id } of chartsOf(analyses)) expect(chartNames.some((name) => id.startsWith(name))).toBe(true);
});

test('bash asks the program and gets words and files', async () => {
	const program = fileURLToPath(await builtFile('cli/main.js'));
	const script = `${completionScripts.bash}
COMP_WORDS=("${program}" "analyze" "x" "--profile" "=" "45nm-m"); COMP_CWORD=5; _snn_energy; echo "\${COMPREPLY[*]}"
COMP_WORDS=("${program}" "analyze" "CHANGE"); COMP_CWORD=2; _snn_energy; echo "\${COMPREPLY[*]}"`;
	const { stdout } = await promisify(execFile)('bash', ['-c', script]);
	expect(stdout).toBe('45nm-memory\nCHANGELOG.md\n');
});
