import { effect, signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type ClaimWords, claimWords } from './claim.ts';
import { droppedFiles } from './files.ts';
import { Answer, Tabs } from './parts/answer.tsx';
import { Assumptions } from './parts/assumptions.tsx';
import { Compare } from './parts/compare.tsx';
import { ExportPanel } from './parts/export-panel.tsx';
import { Header } from './parts/header.tsx';
import { Layers } from './parts/layers.tsx';
import { PricePanel } from './parts/price-panel.tsx';
import { Messages } from './parts/progress.tsx';
import { Start } from './parts/start.tsx';
import { WhatIf } from './parts/what-if.tsx';
import { analysis, current, prepareCounting, report, restedAnalysis, runs, takeFiles } from './state.ts';

const hovering = signal(false);

/** The claim checker, once it was asked for. */
const checker = signal<FunctionComponent<{ readonly opened: ClaimWords }> | null>(null);
effect(() => {
	if (claimWords.value === null || checker.peek() !== null) return;
	import('./parts/claim.tsx').then(({ ClaimSection }) => {
		checker.value = ClaimSection;
	}, report);
});

let opening: ClaimWords | null = null;
let times = 0;

/** A form that is opened again is another form. */
function Claim() {
	const words = claimWords.value;
	const Section = checker.value;
	if (words !== opening) times++;
	opening = words;
	return words && Section ? <Section key={times} opened={words} /> : null;
}

/** The whole window takes files. */
function useDrop(): void {
	useEffect(() => {
		const over = (event: DragEvent): void => {
			event.preventDefault();
			if (!hovering.value) prepareCounting();
			hovering.value = true;
		};
		const leave = (event: DragEvent): void => {
			if (event.relatedTarget === null) hovering.value = false;
		};
		const drop = (event: DragEvent): void => {
			event.preventDefault();
			hovering.value = false;
			if (event.dataTransfer) droppedFiles(event.dataTransfer).then(takeFiles).catch(report);
		};
		window.addEventListener('dragover', over);
		window.addEventListener('dragleave', leave);
		window.addEventListener('drop', drop);
		return () => {
			window.removeEventListener('dragover', over);
			window.removeEventListener('dragleave', leave);
			window.removeEventListener('drop', drop);
		};
	}, []);
}

export function App() {
	useDrop();
	const run = current.value;
	const result = analysis.value;
	const steady = restedAnalysis.value;
	// Elements that stay the same are not drawn anew while a slider moves.
	const assumptions = useMemo(() => run && steady && <Assumptions key={run.id} analysis={steady} />, [run, steady]);
	const compare = useMemo(() => <Compare />, [steady, runs.value]);
	const exports = useMemo(() => steady && <ExportPanel analysis={steady} />, [steady]);
	return (
		<>
			<Header />
			<main id="content" tabIndex={-1} data-hovering={hovering.value}>
				<Messages />
				<Claim />
				{run && result ? (
					<div class="columns">
						<div class="main">
							<Tabs />
							<Answer run={run} analysis={result} />
							{compare}
							<Layers analysis={result} />
						</div>
						<aside aria-label="Price, and what if">
							<PricePanel analysis={result} />
							<WhatIf analysis={result} />
						</aside>
						<div class="more">
							{assumptions}
							{exports}
						</div>
					</div>
				) : (
					claimWords.value === null && <Start />
				)}
			</main>
			{hovering.value && (
				<div class="drop-here" aria-hidden="true">
					Drop models, data, labels, results or profiles
				</div>
			)}
		</>
	);
}
