import type { Analysis } from '../../../src/reporting/analysis.ts';
import { assumptionSentences, unpricedFacts } from '../../../src/reporting/describe.ts';
import { formatQuantity } from '../../../src/reporting/numbers.ts';
import { closeSentence } from '../../../src/reporting/sentences.ts';
import { deltaWords, joulesOf } from '../pricing.ts';
import { fieldsIn, inPageWords } from '../run-options.ts';
import { canCount, current, pricing, setConstant } from '../state.ts';
import { useAtRest } from './at-rest.ts';
import { Readings } from './readings.tsx';

/** Everything the figure rests on, with the switch of each reading that can be changed here. */
export function Assumptions({ analysis }: { readonly analysis: Analysis }) {
	const run = current.value;
	return (
		<section class="panel" aria-labelledby="assumptions-title">
			<h2 id="assumptions-title">What it assumes</h2>
			{run && canCount() && <Readings run={run} />}
			<ul class="assumptions">
				{assumptionSentences(analysis).map((text) => (
					<li key={text}>
						{inPageWords(text)} <Switch analysis={analysis} sentence={text} />
					</li>
				))}
			</ul>
			<dl class="facts">
				{[...unpricedFacts(analysis), ...closeFacts(analysis)].map(({ label, text }) => (
					<div key={label}>
						<dt>{label}</dt>
						<dd>{text}</dd>
					</div>
				))}
			</dl>
			{(analysis.balance?.findings.length ?? 0) > 0 && (
				<details open>
					<summary>Not understood, or dead</summary>
					<ul>
						{analysis.balance?.findings.map(({ sentence }) => (
							<li key={sentence}>{sentence}</li>
						))}
					</ul>
				</details>
			)}
		</section>
	);
}

/** What another machine may decide otherwise. */
function closeFacts(analysis: Analysis): { label: string; text: string }[] {
	const text = closeSentence(analysis);
	return text === null ? [] : [{ label: 'Close decisions', text }];
}

/** The switch of an assumption, from the option its sentence names: applied here, or the control that has it. */
export function Switch({ analysis, sentence }: { readonly analysis: Analysis; readonly sentence: string }) {
	const constant = /--set ([A-Za-z]\w*)=(\d[\w.]*)/.exec(sentence);
	const [, name, value] = constant ?? [];
	if (name && value && pricing.value.set[name] !== value) return <OtherWay analysis={analysis} name={name} value={value} />;
	const control = controls.find(([pattern]) => pattern.test(sentence));
	const id = control
		? control[1].replace('NAME', /--set ([A-Za-z]\w*)=/.exec(sentence)?.[1] ?? '')
		: fieldsIn(sentence).map(({ name }) => `reading-${name}`)[0];
	if (id === undefined || (!control && !canCount())) return null;
	return (
		<button type="button" class="quiet" onClick={() => show(id)}>
			Change it
		</button>
	);
}

function OtherWay({ analysis, name, value }: { readonly analysis: Analysis; readonly name: string; readonly value: string }) {
	const words = useAtRest('', () => otherReading(analysis, name, value));
	return (
		<button type="button" class="quiet" onClick={() => setConstant(name, value)}>
			Read it the other way{words === '' ? '' : `: ${words}`}
		</button>
	);
}

/** Options of the command line that price, and the controls that do the same here. */
const controls: readonly (readonly [RegExp, string])[] = [
	[/--set [A-Za-z]\w*=/, 'constant-NAME'],
	[/--profile [\w.-]+:NAME/, 'dataflow'],
	[/--accounting/, 'accounting'],
];

/** Opens what a control is folded into, and goes there. */
function show(id: string): void {
	const control = document.getElementById(id);
	for (let outer = control?.closest('details'); outer; outer = outer.parentElement?.closest('details')) outer.open = true;
	control?.focus();
}

/** What the answer becomes with one constant set, in words. */
function otherReading({ estimates }: Analysis, name: string, value: string): string {
	const run = current.value;
	const now = estimates[0]?.energyPerInferenceJoules.nominal;
	if (!run || !now) return '';
	const { set } = pricing.value;
	const then = joulesOf(run.activity, { ...pricing.value, set: { ...set, [name]: value } });
	return then === null ? `${name} = ${value}` : `${formatQuantity(then, 'J')} (${deltaWords(then, now)})`;
}
