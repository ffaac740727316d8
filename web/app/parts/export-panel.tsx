import { useState } from 'preact/hooks';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import { renderJson } from '../../../src/reporting/json-text.ts';
import { sealed } from '../../../src/reporting/seal.ts';
import { commandOf, download, type Export, exported, exports } from '../exports.ts';
import { encodeLink } from '../link.ts';
import { savedPage } from '../saved-page.ts';
import { analyses, current, pricing, report, runs } from '../state.ts';
import { Command, Copy } from './command.tsx';

/** Everything a paper needs, and what shows it to someone else. */
export function ExportPanel({ analysis }: { readonly analysis: Analysis }) {
	const [withCounts, setWithCounts] = useState(false);
	const all = () => runs.value.flatMap(({ id }) => analyses.value.get(id) ?? []);
	const save = async ({ name, file, type }: Export): Promise<void> => {
		try {
			download(file, await exported(name, analysis, all()), type);
		} catch (error) {
			report(error);
		}
	};
	const savePage = async (): Promise<void> => {
		try {
			download('snn-energy.html', await savedPage(all(), pricing.value), 'text/html');
		} catch (error) {
			report(error);
		}
	};
	const link = (): string => {
		const counts = withCounts ? [renderJson(sealed(analysis)).replaceAll(/\n\t*/g, '')] : [];
		const fragment = encodeLink({
			pricing: pricing.value,
			example: withCounts ? null : (current.value?.example ?? null),
			counts,
		});
		return `${location.href.split('#')[0]}${fragment}`;
	};
	return (
		<section class="panel" aria-labelledby="export-title">
			<h2 id="export-title">Take it with you</h2>
			<div class="exports">
				{exports.map((entry) => (
					<button key={entry.name} type="button" data-export={entry.name} onClick={() => void save(entry)}>
						{entry.title}
					</button>
				))}
				<button type="button" data-export="page" onClick={() => void savePage()}>
					This page, one HTML file
				</button>
			</div>
			<p class="link">
				<Copy label="Copy link" text={link} />{' '}
				<label class="with-counts">
					<input type="checkbox" checked={withCounts} onChange={(event) => setWithCounts(event.currentTarget.checked)} /> with the
					counts
				</label>
				<span class="muted small">
					{' '}
					Profile and constants, never weights or images. What stands behind # is not sent to a server.
				</span>
			</p>
			<p class="muted small">The same on the command line:</p>
			<Command text={commandOf(analysis, pricing.value)} />
		</section>
	);
}
