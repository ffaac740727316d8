/**
 * CPU time of the page, in Chromium: what a step of a slider takes of the main thread, and the first answer from a cold cache.
 * Needs the page to be built (npm run build && npm run web) and a Chromium.
 *
 *   node bench/page.js                                   models/cifar10-vgg/model-T5 under every shipped profile
 *   node bench/page.js fashion-cnn/model-T5 45nm,loihi   another result, these profiles
 *
 * CPU time, because other processes disturb it less than the wall.
 */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { servePage } from '../dist/serve/server.js';
import { chromiumFlags, chromiumPath } from '../scripts/chromium.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const [result = 'cifar10-vgg/model-T5', profiles = ''] = process.argv.slice(2);
const steps = 30;
const served = await servePage({ port: 0, opened: [], packageFolder: root });

/** A browser without any cache: each launch has a new profile. */
const launch = () => chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });

/** From the address to the answer of a shipped model: milliseconds, requests and what they carried, by a browser that was never here. */
async function coldStart() {
	const browser = await launch();
	const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
	let [requests, bytes] = [0, 0];
	page.on('response', async (response) => {
		requests++;
		bytes += (await response.body()).length;
	});
	const begin = performance.now();
	await page.goto(`${served.address}#example=fashion-T1`);
	await page.waitForSelector('.cards');
	const milliseconds = performance.now() - begin;
	await page.waitForTimeout(500);
	await browser.close();
	return { milliseconds, requests, bytes };
}
const starts = [];
for (let start = 0; start < 5; start++) starts.push(await coldStart());
const [{ requests, bytes }] = starts;
const waits = starts.map(({ milliseconds }) => milliseconds.toFixed(0)).join(', ');
console.log(
	`first answer, cold cache: ${waits} ms (wall; below 3000 on two idle cores); ${requests} requests, ${(bytes / 1e6).toFixed(2)} MB uncompressed`,
);

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.goto(served.address);
await page.waitForSelector('.start');
const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
const taskSeconds = async () =>
	(await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
await page.setInputFiles('[data-testid=files]', `${root}models/${result}.analysis.json`);
await page.waitForSelector(`#answer-title:has-text("${result}")`);
const names =
	profiles === ''
		? await page.locator('[data-testid=profile] option').evaluateAll((list) => list.map(({ value }) => value))
		: profiles.split(',');
let slowest = 0;
for (const profile of names) {
	await page.selectOption('[data-testid=profile]', profile);
	await page.waitForTimeout(300);
	const constant = await page.locator('[data-constant]').first().getAttribute('data-constant');
	const move = (from) =>
		page.evaluate(
			async ([name, first, count]) => {
				for (let step = 0; step < count; step++) {
					const slider = document.querySelector(`[data-constant="${name}"]`);
					slider.value = String(first + 3 * step);
					slider.dispatchEvent(new Event('input', { bubbles: true }));
					await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
				}
			},
			[constant, from, steps],
		);
	await move(100);
	const before = await taskSeconds();
	await move(150);
	const milliseconds = (1000 * ((await taskSeconds()) - before)) / steps;
	console.log(`${profile.padEnd(22)} ${milliseconds.toFixed(1)} ms of the main thread a step (${constant})`);
	slowest = Math.max(slowest, milliseconds);
}
console.log(`slowest: ${slowest.toFixed(1)} ms a step (at most 16)`);
await browser.close();
await served.close();
