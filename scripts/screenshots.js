// npm run screenshots: photographs the pages that README.md and docs/ show. Needs Chromium, and the page (npm run web).
// Not part of `npm run tables`: the bytes depend on the machine's fonts.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumFlags, chromiumPath } from './chromium.js';

const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
const server = spawn(process.execPath, ['dist/cli/main.js', 'serve', 'models/fashion-cnn/model.onnx', '--no-open'], {
	stdio: ['ignore', 'pipe', 'ignore'],
});
try {
	const address = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).trim())));
	const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
	await page.goto(address);
	await page.getByText('per inference').first().waitFor({ timeout: 120_000 });
	await page.waitForLoadState('networkidle');
	await take(page, 'docs/images/page.png');

	await page.setViewportSize({ width: 1250, height: 900 });
	await page.goto(pathToFileURL('reports/fashion-cnn.html').href);
	await take(page, 'docs/images/report.png');
} finally {
	server.kill();
	await browser.close();
}

async function take(page, path) {
	await page.screenshot({ path });
	console.log(path);
}
