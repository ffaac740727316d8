import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity } from '../../../src/activity/activity.ts';
import { checkProfile, estimate, listProfiles, loadProfile, sensitivity } from '../../../src/hardware/index.ts';
import { inferenceVocabulary, layerVocabulary } from '../../../src/hardware/profile/vocabulary.ts';
import { countEvents, loadNetwork } from '../../../src/pipeline.ts';
import { formatInterval } from '../../../src/reporting/numbers.ts';

/** docs/profiles.md is tried as a reader would: every file in it is written down and checked, every figure recomputed. */

/** Tables padded to columns read as if they were not. */
const unpadded = (markdown: string): string => markdown.replaceAll(/ +\|/g, ' |');
const text = readFileSync('docs/profiles.md', 'utf8');
const blocks = [...text.matchAll(/```(yaml|text)\n([\s\S]*?)```/g)].map(([, kind = '', content = '']) => ({ kind, content }));
const nameOf = (content: string): string => /^name: (\S+)/.exec(content)?.[1] ?? '';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-docs-'));
const path = (name: string): string => join(folder, `${name}.yaml`);
for (const { kind, content } of blocks)
	if (kind === 'yaml' && nameOf(content) !== 'broken') writeFileSync(path(nameOf(content)), content);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const chips = blocks
	.filter(({ kind, content }) => kind === 'yaml' && nameOf(content) !== 'broken')
	.map(({ content }) => nameOf(content));

test('the imaginary chip is built in five steps', () => {
	expect(chips).toEqual(['lumen', 'lumen-2', 'lumen-memory', 'lumen-dataflows', 'lumen-roofline']);
});

test.each(chips)('%s in the documentation is a valid profile', (name) => {
	expect(checkProfile(path(name))).toEqual([]);
});

test('each broken file of the documentation gives the sentence printed under it', () => {
	const broken = blocks.flatMap(({ content }, index) =>
		nameOf(content) === 'broken' ? [{ content, sentence: blocks[index + 1] }] : [],
	);
	expect(broken.length).toBeGreaterThanOrEqual(3);
	for (const { content, sentence } of broken) {
		const file = path('broken');
		writeFileSync(file, content);
		expect(sentence?.kind).toBe('text');
		expect(`${checkProfile(file).join('\n').replaceAll(file, 'broken.yaml')}\n`).toBe(sentence?.content);
	}
});

test('the figures printed for the imaginary chip are those of the model they were taken from', async () => {
	const fixture = 'test/fixtures/a-snntorch-conv-step';
	const network = await loadNetwork(join(fixture, 'model.onnx'), { timesteps: 6 });
	const run: Activity = await countEvents(network, { data: join(fixture, 'inputs.npy') });
	const first = estimate(run, loadProfile(path('lumen')));
	const second = estimate(run, loadProfile(path('lumen-2')));
	const words = text.replaceAll(/\s+/g, ' ');
	expect(words).toContain(`The run costs ${formatInterval(first.energyPerInferenceJoules, 'J')} per inference.`);
	const latency = second.latencyPerInferenceSeconds ?? { low: 0, nominal: 0, high: 0 };
	expect(words).toContain(
		`the run costs ${formatInterval(second.energyPerInferenceJoules, 'J')} and takes ${formatInterval(latency, 's')}.`,
	);
	expect(words).toContain(`here \`${sensitivity(run, loadProfile(path('lumen-2'))).bars[0]?.constant}\` first`);
});

test('every name a formula may use is documented with its meaning', () => {
	for (const { name, meaning } of [...layerVocabulary, ...inferenceVocabulary])
		expect(unpadded(text)).toContain(`| \`${name}\` | ${meaning} |`);
});

test('the list of profiles in their folder is complete', () => {
	const readme = unpadded(readFileSync('hardware-profiles/README.md', 'utf8'));
	for (const { name, title } of listProfiles()) expect(readme).toContain(`| [\`${name}\`](${name}.yaml) | ${title} |`);
});
