import { signal } from '@preact/signals';
import type { Activity } from '../../../src/activity/activity.ts';
import { eventsOf } from '../../../src/hardware/events.ts';
import { type BreakEven, breakEven, type Crossing } from '../../../src/hardware/index.ts';
import { nominalJoules } from '../../../src/hardware/price.ts';
import { firingRate, scaleSpikes, withTimesteps } from '../../../src/hardware/what-if.ts';
import { comparable } from '../../../src/network/findings.ts';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import { formatPercent, formatQuantity, formatSignificant } from '../../../src/reporting/numbers.ts';
import { comparisonFor, networkActivity } from '../../../src/reporting/quantities.ts';
import { profileOf } from '../pricing.ts';
import { current, pricing } from '../state.ts';
import { useAtRest } from './at-rest.ts';

/** A factor on every spike count as a power of two, and timesteps; null while nothing was moved. */
const power = signal(0);
const timesteps = signal<number | null>(null);

const mostTimesteps = 32;
const mostPower = 4;

/**
 * Where the spiking network stops beating the DNN baseline; null for counts that give no ratio to a DNN, and for a profile that gives no
 * number for runs that did not happen.
 */
function breakEvenOf(activity: Activity): BreakEven | null {
	if (!comparable(activity.balance)) return null;
	try {
		return breakEven(activity, profileOf(pricing.value));
	} catch {
		return null;
	}
}

const crossingWords = (crossing: Crossing | null | undefined, format: (value: number) => string): string | null => {
	if (!crossing) return null;
	if (crossing.kind === 'at') return `The DNN baseline needs less above ${format(crossing.value)}.`;
	return crossing.kind === 'always' ? 'The spiking network needs less throughout.' : 'The DNN baseline needs less throughout.';
};

export function WhatIf({ analysis }: { readonly analysis: Analysis }) {
	const run = current.value;
	const found = useAtRest<BreakEven | null>(null, () => (run ? breakEvenOf(run.activity) : null));
	if (!run || !networkActivity(analysis).spiking || pricing.value.accounting !== 'exact') return null;
	const measured = eventsOf(run.activity);
	const rate = firingRate(measured);
	const factor = 2 ** power.value;
	const asked = timesteps.value ?? analysis.run.timesteps;
	const moved = power.value !== 0 || asked !== analysis.run.timesteps;
	const events = moved
		? scaleSpikes(asked === analysis.run.timesteps ? measured : withTimesteps(measured, asked), factor)
		: measured;
	const joules = moved ? nominalJoules(events, profileOf(pricing.value)) : 0;
	const dense = found?.rivals.find(({ name }) => name === 'dense');
	const [estimate] = analysis.estimates;
	const dnn = estimate ? comparisonFor(analysis, estimate)?.dnnEnergyJoules.nominal : undefined;
	const breakPower = dense?.firingRate?.kind === 'at' && rate > 0 ? Math.log2(dense.firingRate.value / rate) : null;
	const breakSteps = dense?.timesteps?.kind === 'at' ? dense.timesteps.value : null;
	return (
		<section class="panel what-if" aria-labelledby="what-if-title">
			<h2 id="what-if-title">
				What if <small>not run</small>
			</h2>
			<Mark
				id="rate"
				label={`Firing rate × ${formatSignificant(factor, 2)}`}
				words={`${formatPercent(firingRate(events))} of the neurons fire in a timestep; measured: ${formatPercent(rate)}. ${crossingWords(dense?.firingRate, formatPercent) ?? ''}`}
				at={breakPower === null ? null : (breakPower + mostPower) / (2 * mostPower)}
				min={-mostPower}
				max={mostPower}
				step={0.05}
				value={power.value}
				move={(value) => {
					power.value = value;
				}}
			/>
			<Mark
				id="timesteps"
				label={`Timesteps T = ${asked}`}
				words={`Run with T = ${analysis.run.timesteps}. ${crossingWords(dense?.timesteps, (value) => `T = ${value}`) ?? ''}`}
				at={breakSteps === null ? null : (breakSteps - 1) / (mostTimesteps - 1)}
				min={1}
				max={mostTimesteps}
				step={1}
				value={asked}
				move={(value) => {
					timesteps.value = value;
				}}
			/>
			<p role="status" data-testid="what-if">
				{moved ? (
					<>
						It would cost <strong>{formatQuantity(joules, 'J')}</strong>
						{dnn === undefined ? '' : `, against ${formatQuantity(dnn, 'J')} of the DNN baseline`}. This did not happen: counts
						are scaled, accuracy is unknown.
					</>
				) : (
					'Move a slider: counts are scaled, nothing is run.'
				)}
			</p>
			{moved && (
				<button
					type="button"
					onClick={() => {
						power.value = 0;
						timesteps.value = null;
					}}
				>
					Back to what was run
				</button>
			)}
		</section>
	);
}

function Mark(props: {
	readonly id: string;
	readonly label: string;
	readonly words: string;
	/** Break-even's place on the rail, 0 to 1; null where it has none. */
	readonly at: number | null;
	readonly min: number;
	readonly max: number;
	readonly step: number;
	readonly value: number;
	readonly move: (value: number) => void;
}) {
	const { id, label, words, at, min, max, step, value, move } = props;
	return (
		<div class="slider">
			<label for={`what-if-${id}`}>{label}</label>
			<div class="rail">
				{at !== null && at >= 0 && at <= 1 && (
					<span class="break-even" style={{ left: `${100 * at}%` }} title="break-even with the DNN baseline" />
				)}
				<input
					id={`what-if-${id}`}
					type="range"
					min={min}
					max={max}
					step={step}
					value={value}
					aria-valuetext={label}
					onInput={(event) => move(Number(event.currentTarget.value))}
				/>
			</div>
			<p class="muted small">{words}</p>
		</div>
	);
}
