// The drawn pictures of README.md and docs/, as `npm run tables` writes and checks them: each from data in this repository.
// The two pictures of pages are photographs; scripts/screenshots.js takes them.
import { readFileSync } from 'node:fs';
import { fairVariants } from '../dist/cli/results.js';
import { drawSvg } from '../dist/reporting/charts/draw.js';
import { placeLabels, places } from '../dist/reporting/charts/labels.js';
import { paperTheme } from '../dist/reporting/charts/theme.js';
import { chartsOf, drawFigures } from '../dist/reporting/figures.js';

/** @param runs  the saved runs of models/, with the family of each */
export async function drawnPictures(runs) {
	return [
		{ file: 'docs/images/accuracy-energy.svg', text: await accuracyEnergy(runs) },
		{ file: 'docs/images/energy-weight.svg', text: await energyWeight(readFileSync('docs/training.md', 'utf8')) },
	];
}

/** snn-energy report models/fashion-cnn/relu.analysis.json models/fashion-cnn/model*.analysis.json --figure accuracy-energy */
async function accuracyEnergy(runs) {
	const analyses = runs
		.filter(({ family, analysis }) => family === 'fashion-cnn' && !analysis.model.file.includes('control'))
		.map(({ analysis }) => analysis);
	const chart = chartsOf(analyses, { variantsOf: fairVariants(analyses, []) }).find(({ id }) => id === 'accuracy-energy');
	const [figure] = await drawFigures([chart], 'svg', { widthMillimetres: 150 });
	return new TextDecoder().decode(figure.bytes);
}

/** The table of "Energy-aware training" as points: accuracy against energy, one for each weight. */
async function energyWeight(page) {
	const table = page.slice(page.indexOf('| λ | test accuracy'));
	const points = [...table.matchAll(/^\| ([\d.]+) \| ([\d.]+) \| \d+ \| ([\d.]+) \|/gm)].map(
		([, weight, accuracy, microjoules]) => ({
			label: `λ = ${weight}`,
			accuracy: Number(accuracy),
			energy: Math.round(Number(microjoules) * 1000),
		}),
	);
	const domain = (values, room) => [Math.min(...values) - room, Math.max(...values) + room];
	const energies = domain(
		points.map(({ energy }) => energy),
		23,
	);
	const accuracies = domain(
		points.map(({ accuracy }) => accuracy),
		0.7,
	);
	const [width, height] = [333, 240];
	const plot = { width: width - 62, height };
	const spot = ({ energy, accuracy, label }) => ({
		x: ((energy - energies[0]) / (energies[1] - energies[0])) * plot.width,
		y: (1 - (accuracy - accuracies[0]) / (accuracies[1] - accuracies[0])) * plot.height,
		label,
	});
	const sides = placeLabels(points.map(spot), plot, paperTheme.fontSize);
	const axis = (field, title, values) => ({
		field,
		type: 'quantitative',
		title,
		scale: { domain: values, nice: false, zero: false },
	});
	const x = axis('energy', 'energy per inference (nJ)', energies);
	const y = axis('accuracy', 'accuracy (%)', accuracies);
	const labels = Object.keys(places)
		.filter((side) => sides.includes(side))
		.map((side) => ({
			transform: [{ filter: `datum.side === '${side}'` }],
			mark: { type: 'text', baseline: 'middle', ...places[side] },
			encoding: { x, y, text: { field: 'label' } },
		}));
	const chart = {
		id: 'energy-weight',
		title: 'Test accuracy against energy on 45nm, a point for each weight λ of the energy in the loss',
		alternative: `${points.map(({ label, accuracy, energy }) => `${label}: ${accuracy} %, ${energy} nJ`).join('; ')}.`,
		table: null,
		specification: () => ({
			width,
			height,
			autosize: { type: 'fit-x', contains: 'padding' },
			data: { values: points.map((point, at) => ({ ...point, side: sides[at] })) },
			layer: [{ mark: { type: 'point', filled: true, opacity: 1 }, encoding: { x, y } }, ...labels],
		}),
	};
	return `${await drawSvg(chart, { width, theme: paperTheme })}\n`;
}
