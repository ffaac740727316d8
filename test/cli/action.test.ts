import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { builtFile } from '../support/built-cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The GitHub Action's own shell program, run as the runner would: inputs come as environment variables. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8'));
const step = action.runs.steps.at(-1);

async function runAction(given: Readonly<Record<string, string>>) {
	const folder = temporaryFolder('snn-energy-action-');
	const inputs: Record<string, string> = {};
	for (const [name, { default: value = '' }] of Object.entries<{ default?: string }>(action.inputs))
		inputs[name] = given[name] ?? value;
	const environment: Record<string, string> = {};
	for (const [name, value] of Object.entries<string>(step.env))
		environment[name] = value.replace(/\$\{\{ inputs\.([a-z-]+) \}\}/, (_, input: string) => inputs[input] ?? 'no such input');
	environment.MAIN = fileURLToPath(await builtFile('cli/main.js'));
	environment.RESULT = join(folder, inputs.result ?? '');
	environment.GITHUB_STEP_SUMMARY = join(folder, 'summary.md');
	const outcome = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
		const child = execFile(
			'bash',
			['-e', '-o', 'pipefail', '-c', step.run],
			{ cwd: root, env: { ...process.env, ...environment } },
			(_, _out, stderr) => resolve({ code: child.exitCode, stderr }),
		);
	});
	return { ...outcome, result: environment.RESULT, summary: environment.GITHUB_STEP_SUMMARY };
}

const model = 'models/fashion-cnn/model.onnx';

test('the action analyses a model within its gates, and writes result and summary', async () => {
	const { code, stderr, result, summary } = await runAction({
		model,
		'max-energy': '100uJ',
		'min-accuracy': '0.5',
		profile: '45nm loihi',
		arguments: '--samples 4 --quiet',
	});
	expect(stderr).toBe('');
	expect(code).toBe(0);
	const { estimates, run } = JSON.parse(readFileSync(result, 'utf8'));
	expect(estimates.map(({ profile }: { profile: string }) => profile)).toEqual(['45nm', 'loihi']);
	expect(run.samples).toBe(4);
	expect(readFileSync(summary, 'utf8')).toContain('| conv2 |');
});

test('the action fails where a gate is broken, with the sentence and the summary all the same', async () => {
	const { code, stderr, summary } = await runAction({ model, 'max-energy': '1nJ', arguments: '--samples 2 --quiet' });
	expect(code).toBe(3);
	expect(stderr).toMatch(/costs .* more than .*1 nJ|--max-energy/);
	expect(readFileSync(summary, 'utf8')).toContain('| conv2 |');
});

test('the action fails where the model is not there', async () => {
	const { code, stderr } = await runAction({ model: 'missing.onnx' });
	expect(code).toBe(1);
	expect(stderr).toContain('missing.onnx');
});
