import type { LayerActivity, LayerDecisions } from '../../../src/activity/activity.ts';
import { eventIndex, eventsOf, type LayerEvents, structureIndex } from '../../../src/hardware/events.ts';
import type { Profile, Term } from '../../../src/hardware/index.ts';
import { eventNames, structureNames } from '../../../src/hardware/profile/vocabulary.ts';
import { type Analysis, activityOf } from '../../../src/reporting/analysis.ts';
import { formatConstant, formatCount, formatQuantity, formatSignificant } from '../../../src/reporting/numbers.ts';
import { layerEstimates } from '../../../src/reporting/quantities.ts';
import { profileOf } from '../pricing.ts';
import { pricing } from '../state.ts';
import { perTimestep } from './sparkline.tsx';

/** Formula, counts, shape and timesteps of one layer. */
export function LayerDetail({ analysis, index }: { readonly analysis: Analysis; readonly index: number }) {
	const layer = analysis.layers[index];
	const [estimate] = analysis.estimates;
	if (!layer || !estimate) return null;
	const profile = profileOf(pricing.value);
	const events = eventsOf(activityOf(analysis)).layers[index];
	const priced = layerEstimates(analysis, estimate).get(layer);
	const values = perTimestep(layer);
	const most = Math.max(...values, 1);
	return (
		<div class="layer-detail">
			{events && estimate.accounting === 'exact' && (
				<dl class="formulas">
					{profile.energy.map((term) => {
						const joules = priced?.terms[term.name]?.nominal ?? 0;
						return joules === 0 ? null : (
							<div key={term.name}>
								<dt>{term.name}</dt>
								<dd>
									<code>{term.text}</code>
									<br />
									<code>{withNumbers(term, events, profile)}</code> = <strong>{formatQuantity(joules, 'J')}</strong>
								</dd>
							</div>
						);
					})}
				</dl>
			)}
			<dl class="facts">
				{factsOf(layer).map(([label, text]) => (
					<div key={label}>
						<dt>{label}</dt>
						<dd>{text}</dd>
					</div>
				))}
			</dl>
			{values.length > 1 && (
				<table class="timesteps">
					<caption>{layer.kind === 'neuron' ? 'Spikes' : 'Synaptic events'} by timestep, per inference</caption>
					<tbody>
						{values.map((value, step) => (
							<tr key={step}>
								<th scope="row">t = {step + 1}</th>
								<td class="number">{formatCount(value / analysis.run.samples)}</td>
								<td class="track">
									<span class={`fill ${layer.kind}`} style={{ width: `${(100 * value) / most}%` }} />
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</div>
	);
}

const sumOver = ({ counts }: LayerEvents, name: string): number =>
	counts.reduce((sum, step) => sum + (step[eventIndex(name)] ?? 0), 0);

/** The formula with what it stands for: counts of all timesteps, constants as the profile has them. */
function withNumbers({ text }: Term, events: LayerEvents, profile: Profile): string {
	const known = new Set<string>(eventNames);
	const structural = new Set<string>(structureNames);
	return text.replaceAll(/[A-Za-z_][A-Za-z0-9_]*(?!\s*\()/g, (name) => {
		const constant = profile.constants.get(name);
		if (constant) return constant.table ? name : formatConstant(constant.value.nominal / constant.unitSize, constant.unit);
		if (known.has(name)) return formatCount(sumOver(events, name));
		return structural.has(name) ? formatSignificant(events.structure[structureIndex(name)] ?? 0) : name;
	});
}

function factsOf(layer: LayerActivity): [string, string][] {
	if (layer.kind === 'neuron') {
		return [
			['Neurons', `${formatCount(layer.neurons)} [${layer.shape.join(' × ')}]`],
			['Kind', `${layer.op}, reset ${layer.reset}${layer.spiking ? '' : ', never fires'}`],
			...numberFact('Threshold', layer.threshold),
			...numberFact('Leak', layer.leak),
			['State', `${layer.stateWords} ${layer.stateWords === 1 ? 'word' : 'words'} a neuron`],
			...closeFact(layer.decisions),
		];
	}
	const { geometry } = layer;
	const shape = (dims: readonly number[]) => dims.join(' × ');
	return [
		['Input', `${layer.inputKind}: ${layer.inputReason}`],
		['Fed by', layer.source ?? 'the input of the network, or several layers'],
		['Shape', `${shape(geometry.inputShape)} → ${shape(geometry.outputShape)}`],
		...(geometry.kernel === null
			? []
			: [
					['Kernel', `${shape(geometry.kernel)}, stride ${geometry.stride === null ? '1' : shape(geometry.stride)}`] as [
						string,
						string,
					],
				]),
		['Dense MACs', `${formatCount(geometry.denseMacs)} in one pass`],
		['Weights', formatCount(geometry.weightElements)],
	];
}

/** Of all samples that were looked at. */
const closeFact = (decisions: LayerDecisions | undefined): [string, string][] =>
	decisions && decisions.close !== null
		? [['Within rounding of the threshold', `${formatCount(decisions.close)} of ${formatCount(decisions.compared)} decisions`]]
		: [];

const numberFact = (label: string, value: number | null): [string, string][] =>
	value === null ? [] : [[label, formatSignificant(value)]];
