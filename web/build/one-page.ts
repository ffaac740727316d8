import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** Makes of the one script that is built a page with script, style and an empty place for results inside. */
export function onePage(styleFile: string): Plugin {
	return {
		name: 'one-page',
		generateBundle(_, bundle) {
			for (const [name, chunk] of Object.entries(bundle)) {
				delete bundle[name];
				if (chunk.type !== 'chunk' || !chunk.isEntry) continue;
				// What would end the element early, or open one that never ends.
				const script = chunk.code.replaceAll(/<(?=\/script|!--|script)/gi, '\\x3C');
				this.emitFile({ type: 'asset', fileName: 'interactive.html', source: pageWith(script, readFileSync(styleFile, 'utf8')) });
			}
		},
	};
}

/** The policy lets run this script and no other, and nothing be loaded. */
function pageWith(script: string, style: string): string {
	const hash = createHash('sha256').update(script).digest('base64');
	const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; form-action 'none'; base-uri 'none'`;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>snn-energy: what a spiking network costs</title>
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This report computes prices in your browser and needs JavaScript.</noscript></div>
<script type="application/json" id="embedded"></script>
<script>${script}</script>
</body>
</html>
`;
}
