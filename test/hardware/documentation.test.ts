import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountingMethod, accountingNames, breakEven, compareAccountings, loadProfile } from '../../src/hardware/index.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { formatQuantity, formatRatio } from '../../src/reporting/numbers.ts';
import { smallNetwork } from './support/activities.ts';

const text = readFileSync('docs/pricing.md', 'utf8').replaceAll(/ +/g, ' ');

test('the documentation explains and cites every accounting', () => {
	for (const name of accountingNames) {
		const { meaning, citation } = accountingMethod(name);
		expect(text).toContain(`| \`${name}\` |`);
		expect(text).toContain(meaning);
		expect(text).toContain(citation);
	}
});

test('the documented table of accountings is what the fixture gives', async () => {
	const fixture = 'test/fixtures/a-snntorch-conv-step';
	const network = await loadNetwork(join(fixture, 'model.onnx'), { timesteps: 6 });
	const run = await countEvents(network, { data: join(fixture, 'inputs.npy') });
	for (const { accounting, title, estimate, relativeToExact } of compareAccountings(run, loadProfile('45nm')).rows) {
		const energy = formatQuantity(estimate.energyPerInferenceJoules.nominal, 'J');
		expect(text).toContain(`| ${accounting} | ${title} | ${energy} | ${formatRatio(relativeToExact)} |`);
	}
});

test('the documented thresholds are those the verdicts apply', () => {
	for (const { measure, low, high } of breakEven(smallNetwork(), loadProfile('45nm')).verdicts) {
		expect(text).toContain(`| ${measure} | ${low === high ? low : `${low} to ${high}`}`);
	}
});
