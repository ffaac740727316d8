import { UserError } from '../../../errors.ts';
import { parseArchitecture } from '../../../network/architectures.ts';
import { compareWithDense } from '../../dense.ts';
import { loadProfile } from '../../profile/load.ts';
import { energy, parseQuantity, sameDimension } from '../../profile/units.ts';
import { layerSizes, totalMacs } from '../architecture-sizes.ts';
import type { ArchitectureCase } from '../case.ts';
import * as messages from '../messages.ts';
import type { Comparison } from '../result.ts';
import { activityOfRates } from '../synthetic-activity.ts';

/** Operations, neurons and the plain network's energy that follow from each architecture's layer list. */
export function compareArchitectures(content: ArchitectureCase, path: string): readonly Comparison[] {
	const profile = loadProfile(content.profile);
	return content.networks.flatMap((network): Comparison[] => {
		const sizes = layerSizes(parseArchitecture(network.architecture), network);
		const { published, name, tolerance } = network;
		const note = network.note ?? null;
		const rows: Comparison[] = [];
		const count = (quantity: string, ours: number, theirs: number | undefined): void => {
			if (theirs !== undefined) rows.push({ subject: name, quantity, unit: '', ours, theirs, tolerance, note });
		};
		count('MACs', totalMacs(sizes), published.macs);
		count('MACs of the first layer', sizes[0]?.denseMacs ?? 0, published.firstLayerMacs);
		count(
			'neurons',
			sizes.reduce((sum, { neurons }) => sum + neurons, 0),
			published.neurons,
		);
		if (published.denseEnergy !== undefined) {
			const comparison = compareWithDense(activityOfRates(name, sizes, [], 1), profile);
			rows.push({
				subject: name,
				quantity: 'energy of the plain network',
				unit: 'J',
				ours: comparison?.dnnEnergyJoules.nominal ?? 0,
				theirs: energyOf(published.denseEnergy, path, name),
				tolerance: network.energyTolerance,
				note,
			});
		}
		return rows;
	});
}

function energyOf(text: string, path: string, name: string): number {
	const parsed = parseQuantity(text);
	if (parsed === null || !sameDimension(parsed.dimension, energy)) {
		throw new UserError(messages.badPublishedValue(path, `denseEnergy of "${name}"`, text, 'an energy'));
	}
	return parsed.si;
}
