import { useState } from 'preact/hooks';
import { flagsOf, optionsOf, type RunField, runFields, type Written } from '../run-options.ts';
import { commandFor, countAgain, type Run, work } from '../state.ts';
import { Command } from './command.tsx';
import { Field } from './run-field.tsx';

/** What a run is now, as its fields show it. */
function writtenOf({ activity, request }: Run): Written {
	const { encoder, spikeTest, graded } = activity.run;
	const given = Object.entries(request?.options ?? {}).map(([name, value]) => [
		name,
		value === true ? 'yes' : Array.isArray(value) ? value.join(', ') : String(value),
	]);
	return { encoder, spikeTest, graded, ...Object.fromEntries(given) };
}

/** Readings that need a new run: their controls, and a button with how long it takes. */
export function Readings({ run }: { readonly run: Run }) {
	const { samples, timesteps } = run.activity.run;
	const now = writtenOf(run);
	const [written, setWritten] = useState<Written>(now);
	const changed = runFields.filter(({ name }) => (written[name] ?? '') !== (now[name] ?? ''));
	const said = optionsOf(Object.fromEntries(changed.map(({ name }) => [name, written[name]])));
	const emptied = new Set<string>(changed.filter(({ name }) => (written[name] ?? '') === '').map(({ name }) => name));
	const kept = Object.entries(run.request?.options ?? {}).filter(([name]) => !emptied.has(name));
	const options = { ...Object.fromEntries(kept), ...said };
	const ready = changed.length > 0 && said !== null;
	const seconds = run.seconds === null ? null : (run.seconds * (options.samples ?? samples)) / samples;
	const control = (field: RunField) => (
		<Field
			key={field.name}
			id={`reading-${field.name}`}
			field={field}
			value={written[field.name] ?? ''}
			placeholder={field.name === 'samples' ? String(samples) : field.name === 'timesteps' ? String(timesteps) : undefined}
			change={(value) => setWritten({ ...written, [field.name]: value })}
		/>
	);
	return (
		<fieldset class="readings">
			<legend>Read the run another way</legend>
			<div class="pair">{runFields.filter(({ rare }) => !rare).map(control)}</div>
			<details open={runFields.some(({ rare, name }) => rare && (now[name] ?? '') !== '')}>
				<summary>Outputs, states, data</summary>
				<div class="pair">{runFields.filter(({ rare }) => rare).map(control)}</div>
			</details>
			{run.request ? (
				<button
					type="button"
					disabled={!ready || work.value !== null}
					onClick={() => countAgain(options)}
					data-testid="count-again"
				>
					Count again{seconds === null ? '' : `, about ${Math.max(1, Math.ceil(seconds))} s`}
				</button>
			) : (
				ready && (
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
			{changed.length > 0 && said === null && <p class="small">A number above 0 is expected.</p>}
			{run.request && ready && <p class="muted small">{flagsOf(options).join(' ')}</p>}
		</fieldset>
	);
}
