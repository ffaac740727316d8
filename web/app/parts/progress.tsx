import { useEffect, useState } from 'preact/hooks';
import { cancel, countOnRandom, countTimed, notice, untimed, type Work, waiting, work } from '../state.ts';
import { Command } from './command.tsx';

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
function Timesteps() {
	const [asked, setAsked] = useState('');
	const whole = /^[1-9]\d{0,4}$/.test(asked);
	return (
		<form
			class="notice"
			onSubmit={(event) => {
				event.preventDefault();
				if (whole) countTimed(Number(asked));
			}}
		>
			<label for="asked-timesteps">For how many timesteps is {untimed.value?.model} run?</label>{' '}
			<input id="asked-timesteps" type="number" min={1} value={asked} onInput={(event) => setAsked(event.currentTarget.value)} />{' '}
			<button type="submit" disabled={!whole}>
				Count with these timesteps
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
						{waiting.value.model} is open. Now drop its data (<code>.npy</code> or <code>.npz</code>), and labels if there are
						any.
					</p>
					<button type="button" onClick={countOnRandom}>
						Count on random input
					</button>
					<p class="muted">Random input shows that the network is understood. Its rates say nothing about real data.</p>
				</div>
			)}
			{untimed.value && !work.value && <Timesteps />}
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
		</div>
	);
}
