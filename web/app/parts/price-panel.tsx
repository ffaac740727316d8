import { useMemo } from 'preact/hooks';
import type { Accounting, Constant } from '../../../src/hardware/index.ts';
import { listProfiles, type Profile } from '../../../src/hardware/index.ts';
import { readShippedList } from '../../../src/hardware/profile/shipped-list.ts';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import {
	formatConstant,
	formatConstantRange,
	formatQuantity,
	formatSignificant,
	hasSpread,
} from '../../../src/reporting/numbers.ts';
import { accountingChoices, bareName, type Choice, dataflowChoices, deltaWords, profileNamed } from '../pricing.ts';
import { change, chooseProfile, current, ownProfiles, pricing, setConstant } from '../state.ts';
import { useAtRest } from './at-rest.ts';

let names: readonly { readonly name: string; readonly title: string }[] | null = null;

function ProfileChooser() {
	names ??= readShippedList() ?? listProfiles();
	const bare = bareName(pricing.value.profile);
	return (
		<label>
			<span>Hardware profile</span>
			<select value={bare} onChange={(event) => chooseProfile(event.currentTarget.value)} data-testid="profile">
				{ownProfiles.value.map((name) => (
					<option key={name} value={name}>
						{name} (yours)
					</option>
				))}
				{names.map(({ name, title }) => (
					<option key={name} value={name}>
						{name}: {title}
					</option>
				))}
			</select>
		</label>
	);
}

/** Readings of the same counts, each with what it gives; worked out when nothing moves. */
function Choices(props: {
	readonly label: string;
	readonly value: string;
	readonly list: () => Choice[];
	readonly choose: (value: string) => void;
	readonly id: string;
}) {
	const { value } = props;
	const choices = useAtRest<Choice[]>([], props.list);
	if (choices.length === 0) return null;
	const now = choices.find((choice) => choice.value === value)?.joules ?? null;
	return (
		<label>
			<span>{props.label}</span>
			<select value={value} onChange={(event) => props.choose(event.currentTarget.value)} id={props.id}>
				{choices.map(({ value: name, title, joules }) => (
					<option key={name} value={name}>
						{title}
						{joules === null ? '' : `: ${formatQuantity(joules, 'J')}`}
						{joules === null || now === null || name === value ? '' : ` (${deltaWords(joules, now)})`}
					</option>
				))}
			</select>
		</label>
	);
}

/** Where a slider begins and ends: the published interval with room on both sides; a logarithm of the value moves. */
export function sliderRange({ low, nominal, high }: { low: number; nominal: number; high: number }): {
	from: number;
	to: number;
} {
	if (nominal <= 0) return { from: 0, to: Math.max(1, high * 2) };
	return { from: Math.min(low, nominal / 4), to: Math.max(high, nominal * 4) };
}

const steps = 400;

/** "8 KiB: 10 pJ, 32 KiB: 20 pJ". */
function tableWords(
	{ keys, values, keyUnit, keyUnitSize }: NonNullable<Constant['table']>,
	{ unit, unitSize }: Constant,
): string {
	const points = keys.map((key, at) => {
		const value = formatConstant((values[at] ?? 0) / unitSize, unit);
		return `${formatConstant(key / keyUnitSize, keyUnit)}: ${value}`;
	});
	return points.length > 6 ? `${points.slice(0, 5).join(', ')} … ${points.at(-1)}` : points.join(', ');
}

interface SliderProps {
	readonly profile: Profile;
	readonly constant: string;
	/** Its changed value; undefined for the profile's own. */
	readonly set: string | undefined;
}

/** Drawn anew only when it moves itself. */
function Slider({ profile, constant, set }: SliderProps) {
	return useMemo(() => <Rail profile={profile} constant={constant} set={set} />, [profile, constant, set]);
}

function Rail({ profile, constant, set }: SliderProps) {
	const own = profile.constants.get(constant);
	if (!own) return null;
	// A table moves as a whole: by a factor.
	const unit = own.table ? '' : own.unit;
	const size = own.table ? 1 : own.unitSize;
	const interval = { low: own.value.low / size, nominal: own.value.nominal / size, high: own.value.high / size };
	const words = (value: number): string => (own.table ? `${formatSignificant(value)} × its table` : formatConstant(value, unit));
	const { from, to } = sliderRange(interval);
	const logarithmic = from > 0;
	const placeOf = (value: number) =>
		(steps * (logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from))) as number;
	const valueAt = (place: number) => (logarithmic ? from * (to / from) ** (place / steps) : from + ((to - from) * place) / steps);
	const written = set === undefined ? interval.nominal : Number.parseFloat(set);
	const source = profile.sources.get(own.source);
	const about = [
		own.table
			? `${constant}: ${tableWords(own.table, own)}${hasSpread(interval) ? `; times ${formatConstantRange(interval, '')}` : ''}.`
			: `${constant}: ${words(interval.nominal)}${hasSpread(interval) ? `, published ${formatConstantRange(interval, unit)}` : ', no interval is published'}.`,
		`Evidence: ${own.evidence}.`,
		own.formula ? `Follows from ${own.formula.text}, until it is moved.` : '',
		source ? `${source.citation}${source.doi ? `, doi:${source.doi}` : ''}` : own.source,
		own.note ?? '',
	]
		.filter((line) => line !== '')
		.join('\n');
	const percent = (value: number) => (100 * Math.min(steps, Math.max(0, placeOf(value)))) / steps;
	const whole = unit === '' && !own.table && Number.isInteger(interval.nominal);
	const write = (value: number): string => `${whole ? Math.round(value) : Number(value.toPrecision(3))}${unit}`;
	const flag = whole && to <= 1;
	return (
		<div class={`slider ${set === undefined ? '' : 'changed'}`} title={about}>
			<label for={`constant-${constant}`}>
				<span class="name">{constant}</span> <span class="figure">{words(written)}</span>
			</label>
			<div class="rail">
				{hasSpread(interval) && (
					<span
						class="interval"
						style={{ left: `${percent(interval.low)}%`, width: `${percent(interval.high) - percent(interval.low)}%` }}
					/>
				)}
				<span class="nominal" style={{ left: `${percent(interval.nominal)}%` }} />
				<input
					id={`constant-${constant}`}
					data-constant={constant}
					type="range"
					min={0}
					max={steps}
					step={flag ? steps : 1}
					value={placeOf(written)}
					aria-valuetext={words(written)}
					aria-describedby={`about-${constant}`}
					onInput={(event) => setConstant(constant, write(valueAt(Number(event.currentTarget.value))))}
				/>
			</div>
			<span id={`about-${constant}`} class="visually-hidden">
				{about}
			</span>
			{set !== undefined && (
				<button type="button" class="quiet" onClick={() => setConstant(constant, null)}>
					{`back to ${words(interval.nominal)}`}
				</button>
			)}
		</div>
	);
}

const mostSliders = 8;

/** Profile, dataflow, way of counting and constants: the answer moves at once. */
export function PricePanel({ analysis }: { readonly analysis: Analysis }) {
	const run = current.value;
	const [estimate] = analysis.estimates;
	if (!run || !estimate) return null;
	const { profile: name, accounting, set } = pricing.value;
	const profile = profileNamed(name);
	const movable = estimate.constants.filter(({ name: constant }) => profile.constants.has(constant));
	const sliders = (list: typeof movable) =>
		list.map(({ name: constant }) => (
			<Slider key={`${name} ${constant}`} profile={profile} constant={constant} set={set[constant]} />
		));
	const changed = Object.keys(set).length;
	return (
		<section class="panel" aria-labelledby="price-title">
			<h2 id="price-title">Price</h2>
			<ProfileChooser />
			<p class="muted small">{profile.summary}</p>
			<Choices
				label="Dataflow"
				id="dataflow"
				value={name}
				list={() => dataflowChoices(run.activity, pricing.value)}
				choose={(value) => change({ profile: value })}
			/>
			<Choices
				label="Counting convention"
				id="accounting"
				value={accounting}
				list={() => accountingChoices(run.activity, pricing.value)}
				choose={(value) => change({ accounting: value as Accounting })}
			/>
			<div class="sliders">{sliders(movable.slice(0, mostSliders))}</div>
			{movable.length > mostSliders && (
				<details>
					<summary>{movable.length - mostSliders} more constants</summary>
					<div class="sliders">{sliders(movable.slice(mostSliders))}</div>
				</details>
			)}
			{changed > 0 && (
				<p class="changed-note">
					{changed} {changed === 1 ? 'constant differs' : 'constants differ'} from the profile.{' '}
					<button type="button" onClick={() => change({ set: {} })}>
						Reset
					</button>
				</p>
			)}
		</section>
	);
}
