import type { Activity } from '../../../src/activity/activity.ts';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import { answerCards } from '../../../src/reporting/answer-cards.ts';
import { formatQuantity } from '../../../src/reporting/numbers.ts';
import { comparisonFor } from '../../../src/reporting/quantities.ts';
import { answerSentence, cautionsOf, runSentence, warningsOf } from '../../../src/reporting/sentences.ts';
import { countExample, exampleOf } from '../examples.ts';
import { deltaWords, joulesOf } from '../pricing.ts';
import { canCount, current, currentId, pricing, type Run, removeRun, runs, settled, work } from '../state.ts';
import { Switch } from './assumptions.tsx';

/** What was opened: one tab a network. */
export function Tabs() {
	if (runs.value.length < 2) return null;
	return (
		<ul class="tabs" aria-label="Open networks">
			{runs.value.map(({ id, activity }) => (
				<li key={id}>
					<button
						type="button"
						aria-pressed={current.value?.id === id}
						onClick={() => {
							currentId.value = id;
						}}
					>
						{activity.model.file}
					</button>
					<button type="button" class="quiet" aria-label={`Close ${activity.model.file}`} onClick={() => removeRun(id)}>
						×
					</button>
				</li>
			))}
		</ul>
	);
}

/** What another reading of the same run has changed. */
function Changed({ run, before }: { readonly run: Run; readonly before: Activity }) {
	const [then, now] = [before, run.activity].map((activity) => joulesOf(activity, pricing.value));
	if (!then || !now) return null;
	return (
		<strong>
			Read as before it was {formatQuantity(then, 'J')}; now {formatQuantity(now, 'J')} ({deltaWords(now, then)}).
		</strong>
	);
}

function Origin({ run }: { readonly run: Run }) {
	const here = run.seconds !== null;
	const countable = canCount() && exampleOf(run) !== null;
	return (
		<p class="origin">
			{here ? (
				<>Counted in this tab in {run.seconds?.toFixed(1)} s; nothing left this computer.</>
			) : (
				<>A saved result: counts as they were written{run.example ? ' by the command line on the whole test set' : ''}.</>
			)}{' '}
			{run.before && <Changed run={run} before={run.before} />}{' '}
			{!here && countable && (
				<button type="button" disabled={work.value !== null} onClick={() => void countExample(run)} data-testid="count-example">
					Count it here, on 300 samples
				</button>
			)}
		</p>
	);
}

export function Answer({ run, analysis }: { readonly run: Run; readonly analysis: Analysis }) {
	const [estimate] = analysis.estimates;
	const warnings = warningsOf(analysis);
	return (
		<section class="answer" aria-labelledby="answer-title" aria-busy={!settled.value}>
			<div class="heading">
				<h2 id="answer-title">{analysis.model.file}</h2>
				{runs.value.length === 1 && (
					<button type="button" class="quiet" aria-label={`Close ${analysis.model.file}`} onClick={() => removeRun(run.id)}>
						×
					</button>
				)}
			</div>
			<p class="muted">{runSentence(analysis)}</p>
			{cautionsOf(analysis).map((text) => (
				<p key={text} class="caution">
					{text} <Switch analysis={analysis} sentence={text} />
				</p>
			))}
			<ul class="cards" data-settled={settled.value}>
				{answerCards(analysis).map(({ label, value, detail }) => (
					<li key={label}>
						<span class="label">{label}</span>
						<span class="value">{value}</span>
						<span class="detail">{detail}</span>
					</li>
				))}
			</ul>
			{estimate && <p class="sentence">{answerSentence(analysis, estimate, comparisonFor(analysis, estimate))}</p>}
			<Origin run={run} />
			{warnings.length > 0 && (
				<details class="warnings">
					<summary>
						{warnings.length} {warnings.length === 1 ? 'warning' : 'warnings'}
					</summary>
					<ul>
						{warnings.map((text) => (
							<li key={text}>
								{text} <Switch analysis={analysis} sentence={text} />
							</li>
						))}
					</ul>
				</details>
			)}
		</section>
	);
}
