import { fileURLToPath } from 'node:url';
import { listProfiles } from '../../src/hardware/index.ts';
import { snnEnergy, snnEnergyAll } from '../support/built-cli.ts';

const trace = new URL('../support/loaded-modules.js', import.meta.url).href;

/** Module files a command line loads, without those of Node itself. */
async function modulesOf(...line: readonly string[]): Promise<string[]> {
	const { stderr } = await snnEnergy(line, { environment: { NODE_OPTIONS: `--import ${trace}` } });
	const urls = [...stderr.matchAll(/^loaded (file:.*)$/gm)].map(([, url]) => url as string);
	return [...new Set(urls)].filter((url) => !url.endsWith('loaded-modules.js'));
}

const heavy = /node_modules\/(mathjs|ajv|yaml|onnxruntime|@tensorflow|@bufbuild|vega|pdfkit)|dist\/(pipeline|training)/;

// Time depends on the machine; what is loaded does not. A module costs about a millisecond.
test.each([
	[['--help'], 8],
	[['--version'], 8],
	[['profiles'], 52],
	[['analyze', '--help'], 32],
	[['analyze', 'missing.onnx'], 34],
	[['explain', 'missing.json'], 34],
	[['analyze', fileURLToPath(import.meta.url), '--profile', 'no-such-profile'], 42],
	[['profiles', 'show', 'no-such-profile'], 41],
])('snn-energy %j loads no heavy module and at most %i files', async (line, most) => {
	const modules = await modulesOf(...line);
	expect(modules.filter((url) => heavy.test(url))).toEqual([]);
	expect(modules.length).toBeGreaterThan(0);
	expect(modules.length).toBeLessThanOrEqual(most);
});

test('the trace sees heavy modules where they are loaded', async () => {
	const modules = await modulesOf('profiles', 'show', '45nm');
	expect(modules.some((url) => url.includes('node_modules/mathjs/'))).toBe(true);
	expect(modules.some((url) => url.includes('node_modules/ajv/'))).toBe(true);
});

test('the list that the build keeps is the one made by checking every profile', async () => {
	const { stdout } = await snnEnergy(['profiles', '--format', 'json']);
	expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(listProfiles())));
});

test('a file that is not there is told in one sentence, whatever kind of file a command wants', async () => {
	const commands = ['analyze', 'explain', 'compare', 'chip'];
	const outcomes = await snnEnergyAll(commands.map((command) => [command, 'missing.file']));
	for (const { code, stdout, stderr } of outcomes)
		expect([code, stdout, stderr]).toEqual([1, '', 'snn-energy: missing.file: there is no such file. Check the path.\n']);
});
