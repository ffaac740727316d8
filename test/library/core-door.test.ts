import { execFileSync } from 'node:child_process';
import { snnEnergy } from '../support/built-cli.ts';

test('snn-energy/core counts, prices and reports files in memory; its browser edition, on WebAssembly, gives the same', async () => {
	await snnEnergy(['--version']);
	const said = (...options: readonly string[]) =>
		JSON.parse(execFileSync(process.execPath, [...options, 'test/library/in-memory.js'], { encoding: 'utf8' }));
	const node = said();
	const [totals, joules, profiles] = node;
	expect(totals.spikes).toBeGreaterThan(0);
	expect(joules).toBeGreaterThan(0);
	expect(profiles).toContain('loihi');
	expect(said('--conditions=browser')).toEqual(node);
});
