/** A network placed on a many-core chip, as a document. */

import type { Fit } from '../hardware/chip/fit.ts';
import { wall } from '../hardware/chip/messages.ts';
import { formatCount, formatQuantity } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Block, Column, Fact, Table } from './table.ts';

const columns: readonly Column[] = [
	{ key: 'population', title: 'population', quantity: 'text' },
	{ key: 'neurons', title: 'neurons', quantity: 'count' },
	{ key: 'fanIn', title: 'fan-in', quantity: 'count', dropOrder: 1, meaning: 'synapses of one neuron away from borders' },
	{ key: 'synapses', title: 'synapses', quantity: 'count', dropOrder: 3 },
	{ key: 'cores', title: 'cores', quantity: 'count' },
	{ key: 'neuronsPerCore', title: 'per core', quantity: 'count', meaning: 'neurons on a full core' },
	{ key: 'boundBy', title: 'bound by', quantity: 'text', dropOrder: 1, meaning: 'what keeps a core from taking more' },
	{ key: 'axonsIn', title: 'axons in', quantity: 'count', dropOrder: 2, meaning: 'of the fullest core' },
	{ key: 'axonsOut', title: 'axons out', quantity: 'count', dropOrder: 2, meaning: 'of the fullest core' },
	{ key: 'synapticBytes', title: 'weights', quantity: 'bytes', dropOrder: 2, meaning: 'synaptic memory of a full core' },
];

export function describeFit(fit: Fit): Printable {
	const table: Table = {
		id: 'placement',
		caption: 'Where the neurons lie and what a core of each population holds.',
		columns,
		rows: fit.populations.map((population) => ({
			cells: [
				population.name,
				population.neurons,
				population.fanIn,
				population.synapses,
				population.cores,
				population.neuronsPerCore,
				population.boundBy,
				population.axonsIn,
				population.axonsOut,
				population.synapticBytes,
			],
		})),
	};
	return {
		record: fit,
		table,
		document: {
			title: `${fit.model} on ${fit.profile}: ${verdict(fit)}`,
			sections: [
				{ heading: 'Answer', blocks: [{ kind: 'facts', facts: facts(fit) }, ...wallsOf(fit)] },
				{ heading: 'Placement', blocks: [{ kind: 'table', table }] },
				{ heading: 'Taken for granted', blocks: [{ kind: 'list', items: [...fit.assumptions, ...unchecked(fit)] }] },
			],
		},
	};
}

function verdict(fit: Fit): string {
	if (fit.walls.length > 0) return fit.forced ? 'does not fit (priced all the same)' : 'does not fit';
	return fit.fits ? 'fits' : `needs ${formatCount(fit.chipsNeeded)} chips`;
}

function facts(fit: Fit): Fact[] {
	const chips = fit.chipsNeeded > 1 ? `, ${formatCount(fit.chipsNeeded)} chips` : '';
	const cores = `${formatCount(fit.coresNeeded)} of ${formatCount(fit.coresPerChip)} on a chip${chips}`;
	const { cost } = fit;
	if (cost === null) return [{ label: 'Cores', text: cores }];
	const slowest = cost.steps.reduce((worst, step) => (step.seconds > worst.seconds ? step : worst));
	const terms = Object.entries(cost.energyTermsJoules).filter(([, joules]) => joules > 0);
	return [
		{ label: 'Cores', text: cores },
		{ label: 'Energy per inference', text: formatQuantity(cost.energyJoules, 'J'), strong: true },
		{ label: 'Latency', text: `${formatQuantity(cost.latencySeconds, 's')} (${cost.barrierSteps} barrier steps)`, strong: true },
		{
			label: 'Pipelined',
			text: `${formatQuantity(cost.pipelinedSeconds, 's')} and ${formatQuantity(cost.pipelinedJoules, 'J')} per inference, back to back`,
		},
		...withoutPlacement(fit),
		{ label: 'Bottleneck', text: bottleneck(slowest.bottleneck) },
		{ label: 'Energy by event', text: terms.map(([name, joules]) => `${words(name)} ${formatQuantity(joules, 'J')}`).join(', ') },
		{
			label: 'Packets and hops',
			text: `${formatCount(cost.packets)} and ${formatCount(cost.hops)} (${cost.positions === 'exact' ? 'from spike positions' : 'spikes spread evenly'})`,
		},
		{ label: 'Synaptic events', text: formatCount(cost.synapticEvents) },
	];
}

/** What the formulas say of the same counts without a placement, and why the two differ. */
function withoutPlacement({ cost, unplaced }: Fit): Fact[] {
	if (cost === null || unplaced === null) return [];
	const { energyJoules, latencySeconds } = unplaced;
	const time = latencySeconds === null ? '' : ` and ${formatQuantity(latencySeconds, 's')}`;
	const counted = cost.packets > 0 ? '; packets and hops are counted here and assumed there' : '';
	const longer = latencySeconds !== null && cost.latencySeconds > latencySeconds ? 'longer' : 'shorter';
	const same = latencySeconds !== null && Math.abs(cost.latencySeconds / latencySeconds - 1) < 0.005;
	const duration =
		latencySeconds === null || same
			? ''
			: `; steps are ${longer} here, by the busiest core, and static power is drawn for as long`;
	return [
		{
			label: 'Without placement',
			text: `${formatQuantity(energyJoules, 'J')}${time}: the same price for every event${counted}${duration}`,
		},
	];
}

function bottleneck({ core, population, resource }: { core: string; population: string; resource: string }): string {
	const place = `core ${core} ("${population}")`;
	return resource === 'barrier' ? `the barrier or tick; ${place} is the busiest` : `${place} ${resource}`;
}

function words(term: string): string {
	return term.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function wallsOf(fit: Fit): Block[] {
	if (fit.walls.length === 0) return [];
	const items = fit.walls.map(({ population, resource, needed, limit }) =>
		wall(population, resource, needed, limit, fit.profile),
	);
	return [{ kind: 'list', items }];
}

function unchecked(fit: Fit): string[] {
	return fit.unchecked.length === 0 ? [] : [`Not checked, because the profile names no limit: ${fit.unchecked.join(', ')}.`];
}
