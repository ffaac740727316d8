import { useEffect, useState } from 'preact/hooks';
import { optionsOf, type Written } from '../run-options.ts';
import { asked, cancel, countAnswered, countOnRandom, notice, type Work, waiting, work } from '../state.ts';
import { Command } from './command.tsx';
import { Field } from './run-field.tsx';

const stages = {
	reading: 'loading the runtime',
	structure: 'finding layers, neurons and timesteps',
	counting: 'counting',
} as const;

/** "about 12 s left"; nothing before there is something to judge by. */
export function timeLeft(done: number, samples: number, seconds: number): string {
	if (done === 0 || seconds < 0.5) return '';
	const left = (seconds / done) * (samples - done);
	return left < 1 ? 'almost done' : `about ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`;
}

function Running({ run }: { readonly run: Work }) {
	const [now, setNow] = useState(performance.now());
	const [begun, setBegun] = useState<number | null>(null);
	const { progress } = run;
	const counting = progress?.stage === 'counting';
	useEffect(() => {
		const ticking = setInterval(() => setNow(performance.now()), 250);
		return () => clearInterval(ticking);
	}, []);
	useEffect(() => setBegun(counting ? performance.now() : null), [counting]);
	const left = counting && begun !== null ? timeLeft(progress.done, progress.samples, (now - begun) / 1000) : '';
	const words = progress === null ? 'starting' : stages[progress.stage];
	return (
		<div class="progress">
			<span role="status">
				{run.name}: {words}
				{counting ? `, ${progress.done} of ${progress.samples} samples` : ''} {left === '' ? '' : `· ${left}`}
			</span>
			<progress
				aria-label="samples counted"
				{...(counting && progress.samples > 0 ? { value: progress.done, max: progress.samples } : {})}
			/>
			<button type="button" onClick={cancel} data-testid="cancel">
				Cancel
			</button>
		</div>
	);
}

/** Asks for what neither the model nor its data say. */
function Asked() {
	const [written, setWritten] = useState<Written>({});
	if (!asked.value) return null;
	const { request, fields } = asked.value;
	const options = optionsOf(written);
	const empty = Object.values(written).every((text) => text === '');
	return (
		<form
			class="notice asked"
			aria-label={`What ${request.model} has to be told`}
			onSubmit={(event) => {
				event.preventDefault();
				if (options && !empty) countAnswered(options);
			}}
		>
			{fields.map((field) => (
				<Field
					key={field.name}
					id={`asked-${field.name}`}
					field={field}
					value={written[field.name] ?? ''}
					change={(value) => setWritten({ ...written, [field.name]: value })}
				/>
			))}
			<button type="submit" disabled={empty || options === null}>
				Count with this
			</button>
		</form>
	);
}

export function Messages() {
	return (
		<div class="messages">
			{work.value && <Running run={work.value} />}
			{waiting.value && !work.value && (
				<div class="notice">
					<p role="status">
						{waiting.value.model} is open. Now drop its data (<code>.npy</code>, <code>.npz</code>, event recordings), and labels
						if there are any.
					</p>
					<button type="button" onClick={countOnRandom}>
						Count on random input
					</button>
					<p class="muted">Random input shows that the network is understood. Its rates say nothing about real data.</p>
				</div>
			)}
			{notice.value && (
				<div class={`notice ${notice.value.kind}`} role={notice.value.kind === 'error' ? 'alert' : 'status'}>
					<p>{notice.value.text}</p>
					{notice.value.command && <Command text={notice.value.command} />}
					<button
						type="button"
						class="quiet"
						onClick={() => {
							notice.value = null;
						}}
					>
						Dismiss
					</button>
				</div>
			)}
			{asked.value && !work.value && <Asked />}
		</div>
	);
}
