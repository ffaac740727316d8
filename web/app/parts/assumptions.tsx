import { useState } from 'preact/hooks';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import { assumptionSentences, unpricedFacts } from '../../../src/reporting/describe.ts';
import { formatQuantity } from '../../../src/reporting/numbers.ts';
import type { RunOptions } from '../../worker/protocol.ts';
import { deltaWords, joulesOf } from '../pricing.ts';
import { canCount, commandFor, countAgain, current, pricing, type Run, setConstant, work } from '../state.ts';
import { useAtRest } from './at-rest.ts';
import { Command } from './command.tsx';

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
						{text} <Switch analysis={analysis} sentence={text} />
					</li>
				))}
			</ul>
			<dl class="facts">
				{unpricedFacts(analysis).map(({ label, text }) => (
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

/** The switch of an assumption, from the option its sentence names: applied here, or the control that has it. */
function Switch({ analysis, sentence }: { readonly analysis: Analysis; readonly sentence: string }) {
	const constant = /--set ([A-Za-z]\w*)=(\d[\w.]*)/.exec(sentence);
	const [, name, value] = constant ?? [];
	if (name && value && pricing.value.set[name] !== value) return <OtherWay analysis={analysis} name={name} value={value} />;
	const control = controls.find(([pattern]) => pattern.test(sentence));
	if (!control) return null;
	const id = control[1].replace('NAME', /--set ([A-Za-z]\w*)=/.exec(sentence)?.[1] ?? '');
	return document.getElementById(id) === null ? null : (
		<button type="button" class="quiet" onClick={() => document.getElementById(id)?.focus()}>
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

/** Options of the command line, and the controls that do the same here. */
const controls: readonly (readonly [RegExp, string])[] = [
	[/--set [A-Za-z]\w*=/, 'constant-NAME'],
	[/--profile [\w.-]+:NAME/, 'dataflow'],
	[/--accounting/, 'accounting'],
	[/--encoder/, 'reading-encoder'],
	[/--spike-test/, 'reading-spikeTest'],
	[/--graded/, 'reading-graded'],
	[/--timesteps/, 'reading-timesteps'],
];

/** What the answer becomes with one constant set, in words. */
function otherReading({ estimates }: Analysis, name: string, value: string): string {
	const run = current.value;
	const now = estimates[0]?.energyPerInferenceJoules.nominal;
	if (!run || !now) return '';
	const { set } = pricing.value;
	const then = joulesOf(run.activity, { ...pricing.value, set: { ...set, [name]: value } });
	return then === null ? `${name} = ${value}` : `${formatQuantity(then, 'J')} (${deltaWords(then, now)})`;
}

const choices = {
	encoder: [
		['once', 'analog first layer charged once'],
		['every-step', 'analog first layer charged at every timestep'],
	],
	spikeTest: [
		['element', 'spike or number, decided for each element'],
		['timestep', 'decided for each timestep'],
		['layer', 'decided for each layer'],
	],
	graded: [
		['mac', 'a spike of k times θ is one MAC'],
		['ac', 'a spike of k times θ is k ACs'],
	],
} as const;

type Chosen = { [Key in keyof typeof choices]: string };

/** Readings that need a new run: a button, with how long it takes. */
function Readings({ run }: { readonly run: Run }) {
	const { encoder, spikeTest, graded, samples, timesteps } = run.activity.run;
	const now: Chosen = { encoder, spikeTest, graded };
	const [chosen, setChosen] = useState<Chosen>(now);
	const [asked, setAsked] = useState<{ samples: string; timesteps: string }>({ samples: '', timesteps: '' });
	const differs =
		Object.entries(now).some(([key, value]) => chosen[key as keyof Chosen] !== value) ||
		asked.samples !== '' ||
		asked.timesteps !== '';
	const options = {
		...chosen,
		...(asked.samples === '' ? {} : { samples: Number(asked.samples) }),
		...(asked.timesteps === '' ? {} : { timesteps: Number(asked.timesteps) }),
	} as RunOptions;
	const seconds = run.seconds === null ? null : (run.seconds * (Number(asked.samples) || samples)) / samples;
	return (
		<fieldset class="readings">
			<legend>Read the run another way</legend>
			{Object.entries(choices).map(([key, list]) => (
				<select
					key={key}
					id={`reading-${key}`}
					aria-label={key}
					value={chosen[key as keyof Chosen]}
					onChange={(event) => setChosen({ ...chosen, [key]: event.currentTarget.value })}
				>
					{list.map(([value, title]) => (
						<option key={value} value={value}>
							{title}
						</option>
					))}
				</select>
			))}
			<div class="pair">
				{(['samples', 'timesteps'] as const).map((key) => (
					<label key={key}>
						<span>{key}</span>
						<input
							id={`reading-${key}`}
							type="number"
							min={1}
							placeholder={String(key === 'samples' ? samples : timesteps)}
							value={asked[key]}
							onInput={(event) => setAsked({ ...asked, [key]: event.currentTarget.value })}
						/>
					</label>
				))}
			</div>
			{run.request ? (
				<button
					type="button"
					disabled={!differs || work.value !== null}
					onClick={() => countAgain(options)}
					data-testid="count-again"
				>
					Count again{seconds === null ? '' : `, about ${seconds < 1 ? '1' : Math.ceil(seconds)} s`}
				</button>
			) : (
				differs && (
					<>
						<p class="muted small">The model of these saved counts is not here. Drop it, or run:</p>
						<Command
							text={commandFor({
								files: [],
								model: run.activity.model.file,
								data: run.activity.data.source,
								labels: undefined,
								options,
							})}
						/>
					</>
				)
			)}
		</fieldset>
	);
}
