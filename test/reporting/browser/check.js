// Opens report pages in a real headless Chromium and fails on anything a reader would trip over: console messages,
// requests, sideways scrolling, elements the keyboard cannot reach, text of low contrast. Writes pictures (wide, narrow,
// dark) and the printed PDF beside them. Not part of npm test.
//
//   node test/reporting/browser/check.js OUTPUT_FOLDER REPORT.html… [--chromium PATH]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumFlags, chromiumPath } from '../../../scripts/chromium.js';

const given = process.argv.slice(2);
const at = given.indexOf('--chromium');
const chromium = at < 0 ? chromiumPath : given.splice(at, 2)[1];
const [folder, ...pages] = given;
mkdirSync(folder, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'snn-energy-browser-'));

const browser = spawn(
	chromium,
	[...[...chromiumFlags, '--hide-scrollbars', '--remote-debugging-pipe'], `--user-data-dir=${profile}`, 'about:blank'],
	{ stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
);

/** Chromium's debugging protocol over a pipe: JSON messages ended by a zero byte. */
function connect() {
	let next = 0;
	let rest = '';
	const waiting = new Map();
	const listeners = [];
	browser.stdio[4].setEncoding('utf8').on('data', (chunk) => {
		const messages = (rest + chunk).split('\0');
		rest = messages.pop();
		for (const text of messages) {
			const message = JSON.parse(text);
			if (message.id === undefined) for (const listener of listeners) listener(message);
			else waiting.get(message.id)?.(message);
		}
	});
	return {
		listen: (listener) => listeners.push(listener),
		send: (method, params = {}, sessionId = undefined) =>
			new Promise((done, fail) => {
				const id = ++next;
				waiting.set(id, ({ error, result }) => (error ? fail(new Error(`${method}: ${error.message}`)) : done(result)));
				browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
			}),
	};
}

const { listen, send } = connect();
const problems = [];

/** Text whose contrast with what lies behind it is under 4.5 : 1 (3 : 1 when large): run in the page. */
const lowContrast = `(() => {
	const parse = (text) => { const m = /rgba?\\(([^)]+)\\)/.exec(text); return m ? m[1].split(/[ ,/]+/).map(Number) : null; };
	const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)); };
	const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (element) => { const layers = []; for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c && (c[3] ?? 1) > 0) layers.unshift(c); } return layers.reduce((under, top) => over(top, under), [255, 255, 255]); };
	const found = [];
	for (const element of document.querySelectorAll('body *')) {
		const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
		if (!own || element.getClientRects().length === 0 || element.classList.contains('skip')) continue;
		const style = getComputedStyle(element);
		const ground = behind(element);
		const ink = parse(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
		if (!ink) continue;
		const [a, b] = [light(over(ink, ground)), light(ground)].sort((x, y) => y - x);
		const contrast = (a + 0.05) / (b + 0.05);
		const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && Number(style.fontWeight) >= 600);
		if (contrast < (large ? 3 : 4.5)) found.push(contrast.toFixed(2) + ' "' + element.textContent.trim().slice(0, 30) + '"');
	}
	return found.slice(0, 5);
})()`;

async function checkPage(file) {
	const name = basename(file, '.html');
	const report = (sentence) => problems.push(`${file}: ${sentence}`);
	const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
	const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
	const call = (method, params) => send(method, params, sessionId);
	const evaluate = async (expression) => (await call('Runtime.evaluate', { expression, returnByValue: true })).result.value;
	const url = pathToFileURL(resolve(file)).href;
	let loaded = () => {};
	listen(({ method, params, sessionId: from }) => {
		if (from !== sessionId) return;
		if (method === 'Page.loadEventFired') loaded();
		if (method === 'Runtime.exceptionThrown') report(`script error: ${params.exceptionDetails.text}`);
		if (method === 'Runtime.consoleAPICalled') report(`console: ${JSON.stringify(params.args.map(({ value }) => value))}`);
		if (method === 'Log.entryAdded') report(`console: ${params.entry.text}`);
		if (method === 'Network.requestWillBeSent' && params.request.url !== url && !params.request.url.startsWith('data:'))
			report(`asks for ${params.request.url}`);
	});
	for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM']) await call(`${domain}.enable`);
	await call('Emulation.setFocusEmulationEnabled', { enabled: true });
	const size = (width) =>
		call('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
	await size(1280);
	await new Promise((done) => {
		loaded = done;
		call('Page.navigate', { url });
	});
	if (!(await evaluate('document.querySelectorAll("figure svg").length > 0'))) report('shows no chart');

	for (const width of [320, 375, 768, 1280, 1920]) {
		await size(width);
		const [wide, page] = await evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]');
		if (wide > page) report(`scrolls sideways at ${width} pixels (${wide})`);
	}
	for (const scheme of ['light', 'dark']) {
		await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
		for (const width of [1280, 375]) {
			await size(width);
			for (const low of await evaluate(lowContrast)) report(`low contrast in ${scheme} at ${width} pixels: ${low}`);
			const { data } = await call('Page.captureScreenshot', { captureBeyondViewport: true });
			writeFileSync(join(folder, `${name}-${scheme}-${width}.png`), Buffer.from(data, 'base64'));
		}
	}
	await size(1280);
	const wanted = await evaluate(
		'[...document.querySelectorAll("a[href], summary, [tabindex=\\"0\\"]")].filter((e) => e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })).length',
	);
	const reached = new Set();
	for (let press = 0; press < wanted + 5; press++) {
		for (const type of ['keyDown', 'keyUp'])
			await call('Input.dispatchKeyEvent', { type, key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });
		reached.add(
			await evaluate('[...document.querySelectorAll("a[href], summary, [tabindex=\\"0\\"]")].indexOf(document.activeElement)'),
		);
	}
	reached.delete(-1);
	if (reached.size < wanted) report(`the keyboard reaches ${reached.size} of ${wanted} elements`);
	await evaluate('document.querySelector("summary").focus()');
	for (const type of ['keyDown', 'keyUp'])
		await call('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 });
	if (!(await evaluate('document.querySelector("details").open'))) report('the Enter key does not open the numbers of a chart');
	const { data } = await call('Page.printToPDF', { printBackground: false });
	writeFileSync(join(folder, `${name}.pdf`), Buffer.from(data, 'base64'));
	await send('Target.closeTarget', { targetId });
}

try {
	for (const page of pages) await checkPage(page);
} finally {
	await send('Browser.close').catch(() => browser.kill());
	await new Promise((done) => (browser.exitCode === null ? browser.once('exit', done) : done()));
	rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages, ${problems.length} problems; pictures in ${folder}`);
process.exitCode = problems.length === 0 ? 0 : 1;
