import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { ClaimCheck } from '../../src/claims/index.ts';
import { encodeNpy } from '../../src/formats/npy/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { analyzeFile } from '../../src/pipeline.ts';
import { type Analysis, parseAnalysis } from '../../src/reporting/index.ts';
import { closeSentence } from '../../src/reporting/sentences.ts';
import { type Served, servePage } from '../../src/serve/server.ts';
import { commandLine } from '../support/command-line.ts';
import { type EventWriter, eventWriters } from '../support/event-files.ts';
import { eventNetwork } from '../support/event-network.ts';
import { modelBuilder, weights } from '../support/model-builder.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { exactVgg16 } from '../support/vgg16.ts';

const { chromiumFlags, chromiumPath } = (await import(new URL('../../scripts/chromium.js', import.meta.url).href)) as {
	chromiumFlags: string[];
	chromiumPath: string | undefined;
};

/** The page as a reader meets it: built, served, and opened in a real browser. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const fashion = join(root, 'models/fashion-cnn');
const withBrowser = chromiumPath ? describe : describe.skip;
if (!chromiumPath) process.stderr.write('The page is not tested: there is no Chromium on this machine.\n');

// A browser on a machine with other work on it.
jest.setTimeout(180_000);

let served: Served;
let browser: Browser;
let context: BrowserContext;
/** One page for all tests: what loading it and its WebAssembly takes is most of the time of a test. */
let page: Page;
let complaints: string[] = [];

beforeAll(async () => {
	if (!chromiumPath) return;
	if (!existsSync(join(root, 'dist/web/interactive.html'))) {
		execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'ignore' });
		execFileSync('npm', ['run', '--silent', 'web'], { cwd: root, stdio: 'ignore' });
	}
	served = await servePage({ port: 0, opened: [], packageFolder: root });
	browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
	context = await browser.newContext({ acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'] });
	page = await opened(served.address);
}, 180_000);

afterAll(async () => {
	await browser?.close();
	await served?.close();
});

/** Whatever a test did: no message on the console, no request but for the page's own files, and the page as it opens. */
afterEach(async () => {
	if (!chromiumPath) return;
	for (const other of context.pages()) if (other !== page) await other.close();
	for (const close of ['Dismiss', /^Close/]) {
		const button = page.getByRole('button', { name: close }).first();
		while (await button.isVisible()) await button.click();
	}
	// The page takes a link that is opened in its tab: here, prices as they were.
	await page.evaluate('location.hash = "#none"');
	await page.evaluate('location.hash = "#profile=45nm"');
	await page.waitForSelector('.start');
	const heard = complaints;
	complaints = [];
	expect(heard).toEqual([]);
});

async function opened(address: string): Promise<Page> {
	const fresh = await context.newPage();
	fresh.setDefaultTimeout(50_000);
	fresh.on('console', (message) => complaints.push(message.text()));
	fresh.on('pageerror', (error) => complaints.push(error.message));
	fresh.on('request', (request) => {
		const own = request.url().startsWith(`${new URL(address).origin}/`) || /^(blob|data|file):/.test(request.url());
		if (request.method() !== 'GET' || !own) complaints.push(`${request.method()} ${request.url()}`);
	});
	await fresh.goto(address);
	return fresh;
}

const open = (files: readonly string[] | { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> =>
	page.setInputFiles('[data-testid=files]', files as string[]);
const counted = (within = page): Promise<unknown> => within.waitForSelector('text=Counted in this tab');
const showExample = async (id: string): Promise<void> => {
	await page.click(`[data-example=${id}]`);
	await page.waitForSelector('.cards');
};
const cards = (): Promise<string[]> => page.locator('.cards .value').allInnerTexts();

async function downloaded(selector: string): Promise<string> {
	const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
	return readFileSync(await download.path(), 'latin1');
}
const exportedText = (name: string): Promise<string> => downloaded(`[data-export=${name}]`);
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');
const exportedAnalysis = async (): Promise<Analysis> => parseAnalysis(utf8(await exportedText('json')), 'energy.json');
const copiedLink = async (within = 'text=Copy link'): Promise<string> => {
	await page.click(within);
	return (await page.evaluate('navigator.clipboard.readText()')) as string;
};

withBrowser('the page', () => {
	test('a dropped model and its samples give the numbers of the command line', async () => {
		await open([join(fashion, 'model.onnx'), join(fashion, 'samples.npz')]);
		await counted();
		const here = await exportedAnalysis();
		const there = await analyzeFile(join(fashion, 'model.onnx'), { profiles: ['45nm'] });
		expect(here.totals).toEqual(there.totals);
		expect(here.layers).toEqual(there.layers);
		expect(here.accuracy).toEqual(there.accuracy);
		expect(here.estimates).toEqual(there.estimates);
		expect(here.comparison).toEqual(there.comparison);
		expect(here.dataflows).toEqual(there.dataflows);
	});

	test.each(['e-relu-twin', 'g-nir-fc-snntorch'])('%s, data and labels in files of their own', async (name) => {
		const folder = join(root, 'test/fixtures', name);
		const model = existsSync(join(folder, 'model.nir')) ? 'model.nir' : 'model.onnx';
		await open([join(folder, 'labels.npy'), join(folder, model), join(folder, 'inputs.npy')]);
		await counted();
		const options = { data: join(folder, 'inputs.npy'), labels: join(folder, 'labels.npy'), profiles: ['45nm'] };
		const there = await analyzeFile(join(folder, model), options);
		const here = await exportedAnalysis();
		expect(here.accuracy).toEqual(there.accuracy);
		for (const count of ['acs', 'macs', 'spikes', 'synapticEvents'] as const)
			expect(Math.abs(here.totals[count] - there.totals[count])).toBeLessThanOrEqual(1e-4 * there.totals[count]);
		// Where this runtime decided otherwise, a decision was close, and the page names how many were.
		const close = (analysis: Analysis): number => analysis.decisions?.close ?? 0;
		if (here.totals.spikes !== there.totals.spikes) expect(close(here)).toBeGreaterThan(0);
		const looked = ({ decisions }: Analysis) => [decisions?.samples, decisions?.compared, decisions?.unknown];
		expect(looked(here)).toEqual(looked(there));
		if (there.decisions) expect(await page.textContent('.assumptions ~ .facts')).toContain(closeSentence(here) ?? 'none');
	});

	test('where counts give no ratio to a DNN, nothing else says who needs less', async () => {
		const b = modelBuilder();
		const current = b.add('MatMul', [b.input('x', ['N', 4]), b.constant('w', weights([4, 6], 5))], {}, { name: 'fc' });
		const spikes = b.add('Cast', [b.add('GreaterOrEqual', [current, b.scalar(1)])], { to: 1 });
		b.output(b.add('MatMul', [spikes, b.constant('w2', weights([6, 3], 9))], {}, { name: 'read' }));
		// Zeros: no neuron fires.
		const data = encodeNpy({ dtype: 'float32', shape: [5, 4], data: new Float32Array(20) });
		await open([
			{ name: 'dead.onnx', mimeType: '', buffer: Buffer.from(encodeModel(b.build())) },
			{ name: 'x.npy', mimeType: '', buffer: Buffer.from(data) },
		]);
		await counted();
		expect(await page.textContent('main')).toMatch(/No ratio to a DNN/);
		// Break-even is worked out once the page rests.
		await page.waitForTimeout(500);
		expect(await page.textContent('main')).not.toMatch(/needs less/);
	});

	test('an example shows its saved result, and is counted when asked', async () => {
		await showExample('fashion-T1');
		expect(await page.textContent('.origin')).toMatch(/saved result/);
		expect((await cards())[3]).toBe('93.16 %');
		await page.click('[data-testid=count-example]');
		await counted();
		expect((await cards())[3]).toBe('94.33 %');
	});

	test('a slider gives what --set gives, and reset the profile again', async () => {
		await showExample('fashion-T1');
		const before = await cards();
		await page.locator('[data-constant=E_mac]').focus();
		for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowLeft');
		await page.waitForSelector('.cards[data-settled=true]');
		expect((await cards())[0]).not.toBe(before[0]);
		const here = await exportedAnalysis();
		const set =
			/--set (E_mac=\S+)/.exec((await page.textContent('[aria-labelledby=export-title] .command code')) ?? '')?.[1] ?? '';
		const { activityOf } = await import('../../src/reporting/index.ts');
		const { priceActivity } = await import('../../src/pipeline.ts');
		const there = priceActivity(activityOf(here), { profiles: ['45nm'], set: [set] });
		expect(here.estimates).toEqual(there.estimates);
		expect(here.dataflows).toEqual(there.dataflows);
		await page.click('text=Reset');
		await page.waitForSelector('.cards[data-settled=true]');
		expect(await cards()).toEqual(before);
	});

	test('networks side by side: a point each, DNN and SNN drawn apart, the front named', async () => {
		await showExample('fashion-compared');
		await page.waitForSelector('.picture');
		expect(await page.locator('.point.spiking').count()).toBe(2);
		expect(await page.locator('.point.plain').count()).toBe(1);
		expect(await page.getAttribute('.picture', 'aria-label')).toMatch(/No other model is both cheaper/);
	});

	test('everything leaves the page in its form', async () => {
		await showExample('fashion-T5');
		const beginnings: Readonly<Record<string, RegExp>> = {
			latex: /\\begin\{tabular\}|\\toprule/,
			csv: /^model,profile,/,
			markdown: /\| layer/,
			bibtex: /^@/m,
			method: /Energy was estimated with snn-energy/,
			svg: /^<svg /,
			png: /^\x89PNG/,
			report: /^<!doctype html>/i,
		};
		for (const [name, beginning] of Object.entries(beginnings)) expect(await exportedText(name)).toMatch(beginning);
	});

	test('the saved page prices from a file, without a server', async () => {
		await showExample('fashion-T1');
		const file = join(temporaryFolder('serve-'), 'saved.html');
		const [download] = await Promise.all([page.waitForEvent('download'), page.click('[data-export=page]')]);
		await download.saveAs(file);
		const shown = await cards();
		const saved = await opened(`file://${file}`);
		await saved.waitForSelector('.cards');
		expect(await saved.locator('.cards .value').allInnerTexts()).toEqual(shown);
		await saved.selectOption('[data-testid=profile]', 'loihi');
		await saved.waitForSelector('text=Energy per inference on loihi');
		expect(await saved.locator('.cards .value').allInnerTexts()).not.toEqual(shown);
	});

	test('a link carries profile, constants and counts, and nothing else', async () => {
		await showExample('fashion-T1');
		await page.selectOption('[data-testid=profile]', '45nm-memory');
		await page.locator('[data-constant=E_mac]').press('ArrowRight');
		await page.waitForSelector('.cards[data-settled=true]');
		const shown = await cards();
		await page.check('.with-counts input');
		const link = await copiedLink();
		expect(link.length).toBeLessThan(12_000);
		const other = await opened(link);
		await other.waitForSelector('.cards');
		expect(await other.locator('.cards .value').allInnerTexts()).toEqual(shown);
	});

	test('a broken file of each kind is answered with a sentence, and nothing is lost', async () => {
		await showExample('fashion-T1');
		const shown = await cards();
		const file = (name: string, buffer: Buffer | string) => ({
			name,
			mimeType: 'application/octet-stream',
			buffer: Buffer.from(buffer),
		});
		const whole = (name: string) => file(basename(name), readFileSync(join(root, name)));
		const cut = (name: string) => file(basename(name), readFileSync(join(root, name)).subarray(0, 300));
		const model = whole('test/fixtures/e-relu-twin/model.onnx');
		const data = whole('test/fixtures/e-relu-twin/inputs.npy');
		const noFile = '{ this: [is no file of its kind';
		const broken: readonly (readonly [named: string, files: { name: string; mimeType: string; buffer: Buffer }[]])[] = [
			['broken.onnx', [file('broken.onnx', noFile), data]],
			['model.onnx', [cut('test/fixtures/e-relu-twin/model.onnx'), data]],
			['broken.nir', [file('broken.nir', noFile), data]],
			['model.json', [whole('models/fashion-cnn/tfjs/model.json'), file('weights.bin', 'short'), data]],
			['model.json', [cut('models/fashion-cnn/tfjs/model.json'), data]],
			['broken.npy', [model, file('broken.npy', noFile)]],
			['broken.npz', [model, file('broken.npz', 'PK no archive')]],
			['broken.aedat', [model, file('broken.aedat', noFile)]],
			['broken.json', [file('broken.json', noFile)]],
			['damaged.json', [file('damaged.json', '{"schema": "snn-energy/analysis@1"}')]],
			['broken.yaml', [file('broken.yaml', noFile)]],
		];
		for (const [name, files] of broken) {
			await open(files);
			const said = await page.waitForSelector(`[role=alert]:has-text("${name}")`);
			expect(await said.textContent()).not.toMatch(/\bat \S+:\d+|undefined|TypeError|could not do this/);
			expect(await cards()).toEqual(shown);
			await page.click('text=Dismiss');
		}
	});

	test('a network of 60 MB, and event recordings: the integers of the command line', async () => {
		const folder = temporaryFolder('page-');
		const write = (name: string, bytes: Uint8Array): string => {
			writeFileSync(join(folder, name), bytes);
			return join(folder, name);
		};
		const same = async (there: Analysis): Promise<void> => {
			const here = await exportedAnalysis();
			expect(here.totals).toEqual(there.totals);
			expect(here.layers).toEqual(there.layers);
			expect(here.estimates).toEqual(there.estimates);
		};
		const vgg = write('vgg16.onnx', exactVgg16());
		expect(statSync(vgg).size).toBeGreaterThan(58e6);
		const pixels = Float32Array.from({ length: 3 * 32 * 32 }, (_, index) => ((index * 7) % 9) / 8);
		const data = write('x.npy', encodeNpy({ dtype: 'float32', shape: [1, 3, 32, 32], data: pixels }));
		await page.setInputFiles('[data-testid=files]', [vgg, data]);
		await counted();
		await same(await analyzeFile(vgg, { data, profiles: ['45nm'] }));
		const camera = eventWriters.find(({ title }) => title === 'AEDAT 2.0') as EventWriter;
		const events = Array.from({ length: 300 }, (_, at) => ({
			t: 100 * at,
			x: (at * 37) % 128,
			y: (at * 11) % 128,
			p: (at % 2) as 0 | 1,
		}));
		const recording = write('hand.aedat', camera.write(events));
		const model = write('events.onnx', eventNetwork([2, 128, 128]));
		await page.setInputFiles('[data-testid=files]', [model, recording]);
		await page.fill('#asked-bins', '4');
		await page.click('text=Count with this');
		await page.waitForSelector('#answer-title:has-text("events.onnx")');
		await same(await analyzeFile(model, { data: `events:${recording}`, bins: 4, profiles: ['45nm'] }));
	});

	test('another reading is counted again, and says what it changes', async () => {
		const folder = join(root, 'test/fixtures/g-nir-fc-snntorch');
		await open([join(folder, 'model.nir'), join(folder, 'inputs.npy'), join(folder, 'labels.npy')]);
		await counted();
		await page.selectOption('#reading-readout', 'last');
		await page.click('[data-testid=count-again]');
		await page.waitForSelector('text=Read as before it was');
		const data = { data: join(folder, 'inputs.npy'), labels: join(folder, 'labels.npy') };
		const there = await analyzeFile(join(folder, 'model.nir'), { ...data, readout: 'last', profiles: ['45nm'] });
		expect((await exportedAnalysis()).accuracy).toEqual(there.accuracy);
	});

	test('a run is cancelled, and the next one counts', async () => {
		await open([join(root, 'models/cifar10-vgg/model-T5.onnx'), join(root, 'models/cifar10-vgg/samples.npz')]);
		await page.click('[data-testid=cancel]');
		await page.waitForSelector('text=was cancelled');
		await open([join(root, 'test/fixtures/e-relu-twin/model.onnx'), join(root, 'test/fixtures/e-relu-twin/inputs.npy')]);
		await counted();
	});

	test('nothing stands in the way of assistive technology, light or dark, wide or narrow', async () => {
		// Between light and dark nothing differs but colours.
		const serious = async (): Promise<string[]> => {
			await page.emulateMedia({ colorScheme: 'light' });
			const found = await violations({});
			await page.emulateMedia({ colorScheme: 'dark' });
			return [...found, ...(await violations({ runOnly: ['color-contrast'] }))];
		};
		const violations = (options: object): Promise<string[]> =>
			page.evaluate(async (asked) => {
				const { axe: tool } = globalThis as unknown as {
					axe: { run(options: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
				};
				return (await tool.run(asked)).violations
					.filter(({ impact }) => ['serious', 'critical'].includes(impact))
					.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
			}, options);
		await page.evaluate(axe);
		expect(await serious()).toEqual([]);
		await page.click('[data-testid=open-claim]');
		await page.click('[data-claim=Spikformer-8-768]');
		await page.waitForSelector('.verdict');
		expect(await serious()).toEqual([]);
		await showExample('fashion-compared');
		await page.locator('.bar').first().press('Enter');
		await page.waitForSelector('.layer-detail');
		expect(await serious()).toEqual([]);
		await page.setViewportSize({ width: 390, height: 844 });
		expect(await serious()).toEqual([]);
		expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
		await page.setViewportSize({ width: 1280, height: 720 });
		await page.emulateMedia({ colorScheme: null });
	});

	test('a step model that does not say its timesteps is asked for them', async () => {
		const folder = join(root, 'test/fixtures/a-snntorch-conv-step');
		await open([join(folder, 'model.onnx'), join(folder, 'inputs.npy'), join(folder, 'labels.npy')]);
		await page.fill('#asked-timesteps', '6');
		await page.click('text=Count with this');
		await counted();
		const data = { data: join(folder, 'inputs.npy'), labels: join(folder, 'labels.npy') };
		const there = await analyzeFile(join(folder, 'model.onnx'), { ...data, timesteps: 6, profiles: ['45nm'] });
		expect((await exportedAnalysis()).totals).toEqual(there.totals);
	});

	describe('a claim', () => {
		const folder = temporaryFolder('page-');
		const written = (name: string, text: string): string => {
			writeFileSync(join(folder, name), text);
			return join(folder, name);
		};
		/** The check of the command line; its files have the names they have in the page. */
		const there = async (...line: readonly string[]): Promise<unknown> => {
			const { out, error } = await commandLine('check', ...line, '--format', 'json');
			expect(error).toBeNull();
			return JSON.parse(out.replaceAll(`${folder}/`, ''));
		};
		const check = async (): Promise<unknown> => {
			await page.click('[data-testid=check-claim]');
			await page.waitForSelector('[data-stale=false] .verdict');
			return JSON.parse(utf8(await downloaded('[data-claim-export=json]')));
		};
		const claim = async (text: string): Promise<void> => {
			await page.click('[data-testid=open-claim]');
			await page.fill('[data-testid=claim]', text);
		};

		test('bare numbers, and a named architecture with a rate and prices: the check of the command line', async () => {
			await claim('5.5 G SOP, 11.58 mJ, T=4');
			expect(await check()).toEqual(await there('5.5 G SOP, 11.58 mJ, T=4'));
			await page.fill('[data-testid=claim]', '1.20 mJ');
			await page.selectOption('[data-testid=claim-network]', 'arch');
			await page.fill('[data-testid=claim-arch]', 'vgg16@32/100');
			await page.fill('[data-testid=claim-rates]', '12 %');
			await page.fill('[data-testid=claim-timesteps]', '6');
			await page.fill('[data-testid=claim-price]', '12.5pJ,77fJ');
			const line = ['1.20 mJ', '--arch', 'vgg16@32/100', '--rates', '12 %', '-T', '6', '--price', '12.5pJ,77fJ'];
			const here = await check();
			expect(here).toEqual(await there(...line));
			const shown = await page.textContent('[data-testid=claim-result] .command code');
			expect(shown).toBe("npx snn-energy check '1.20 mJ' --arch vgg16@32/100 --rates '12 %' -T 6 --price 12.5pJ,77fJ");
		});

		test('layers and rates in files, dropped or chosen; the link carries them', async () => {
			const layers = written('net.csv', 'name,macs,parameters\nconv1,10 M,1 k\nconv2,100 M,20 k\nfc,1 M,1 M\n');
			const rates = written('rates.csv', 'layer,rate\nconv2,0.4\nfc,80 %\n');
			await open([layers]);
			await page.fill('[data-testid=claim]', 'T=4, 0.08 mJ');
			await page.setInputFiles('[data-testid=claim-rates-file]', rates);
			await page.check('.claim .check input');
			const line = ['T=4, 0.08 mJ', '--layers', layers, '--rates', rates, '--summed'];
			const expected = await there(...line);
			expect(await check()).toEqual(expected);
			const other = await opened(await copiedLink('.claim >> text=Copy link'));
			await other.waitForSelector('.verdict');
			const [download] = await Promise.all([other.waitForEvent('download'), other.click('[data-claim-export=json]')]);
			expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(expected);
		});

		test('what is not understood is a sentence, and nothing is loaded that counts', async () => {
			await claim('5.5 G SOP, much');
			await page.click('[data-testid=check-claim]');
			expect(await page.textContent('.claim [role=alert]')).toMatch(/claim: "much" is not understood/);
			await page.fill('[data-testid=claim]', '');
			await page.click('[data-testid=check-claim]');
			expect(await page.textContent('.claim [role=alert]')).toMatch(/^Write the printed numbers, .* or choose a network\.$/);
		});

		test('a sentence about a field names the field, not an option of the command line', async () => {
			await claim('T=4');
			const said = async (): Promise<string | null> => {
				await page.click('[data-testid=check-claim]');
				return page.textContent('.claim [role=alert]');
			};
			await page.selectOption('[data-testid=claim-network]', 'arch');
			expect(await said()).toMatch(/^Architecture: write the name of a published one/);
			await page.fill('[data-testid=claim-arch]', 'alexnet');
			expect(await said()).toMatch(/^Architecture alexnet: there is no such architecture; .*, or choose a list of layers\.$/);
			await page.fill('[data-testid=claim-arch]', 'vgg16');
			await page.fill('[data-testid=claim-timesteps]', 'four');
			expect(await said()).toMatch(/^Timesteps: "four" is not understood; write a whole number/);
			await page.fill('[data-testid=claim-timesteps]', '6');
			expect(await said()).toMatch(/^Timesteps 6: the claim says T = 4/);
			await page.fill('[data-testid=claim-timesteps]', '');
			await page.fill('[data-testid=claim-rates]', '0.2 0.3');
			expect(await said()).toMatch(/^Firing rates: line 1: "0\.2 0\.3" is not a rate/);
			await page.fill('[data-testid=claim-rates]', '1e-3');
			await page.check('.claim .check input');
			await page.fill('[data-testid=claim]', '1 mJ');
			expect(await said()).toMatch(/^Spikes summed over all timesteps needs the number .*: give Timesteps\.$/);
			await page.fill('[data-testid=claim]', 'T=4');
			await page.fill('[data-testid=claim-price]', 'dear');
			expect(await said()).toMatch(/^Other prices dear: expected the price/);
		});

		test('a network that is open gives its layers', async () => {
			await showExample('fashion-T1');
			await claim('1 uJ, T=1');
			await page.selectOption('[data-testid=claim-network]', 'open');
			const { architecture } = (await check()) as ClaimCheck;
			const read = (await there('1 uJ, T=1', '--model', join(fashion, 'model.onnx'))) as ClaimCheck;
			expect(architecture?.layers).toEqual(read.architecture?.layers);
		});
	});

	test('under "serve" the page is isolated, and onnxruntime computes with a thread a core', async () => {
		const folder = join(root, 'test/fixtures/e-relu-twin');
		await open([join(folder, 'model.onnx'), join(folder, 'inputs.npy'), join(folder, 'labels.npy')]);
		await counted();
		expect(await page.evaluate('crossOriginIsolated')).toBe(true);
		// The worker that counts is one of them; the others it starts.
		const cores = (await page.evaluate('navigator.hardwareConcurrency')) as number;
		expect(page.workers()).toHaveLength(Math.min(8, cores));
	});

	test('what "serve" is given opens at once', async () => {
		const folder = join(root, 'test/fixtures/e-relu-twin');
		const given = await servePage({
			port: 0,
			packageFolder: root,
			opened: [
				{ file: join(folder, 'model.onnx') },
				{ file: join(folder, 'inputs.npy'), kind: 'data' },
				{ file: join(folder, 'labels.npy'), kind: 'labels' },
			],
		});
		try {
			await counted(await opened(given.address));
		} finally {
			await given.close();
		}
	});
});
