import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { placeLabels } from '../../src/reporting/charts/labels.ts';
import { chartsOf, drawFigures } from '../../src/reporting/figures.ts';
import { arithmeticEstimate, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

function analysisOf(activity = snntorchActivity(), profiles = ['45nm']) {
	return buildAnalysis(
		activity,
		profiles.map((profile) => arithmeticEstimate(activity, { profile, spread: 0.2 })),
	);
}

test('one run of one profile gives figures named by what they show', () => {
	expect(chartsOf([analysisOf()]).map(({ id }) => id)).toEqual(['energy-by-layer', 'spikes-by-timestep', 'membrane-traffic']);
});

test('several runs and profiles never share a file name, and names hold no path', () => {
	const hostile = snntorchActivity({ file: '../../etc/passwd\u0000.onnx' });
	const ids = chartsOf([analysisOf(hostile, ['45nm', 'loihi']), analysisOf(), analysisOf(reluActivity())]).map(({ id }) => id);
	expect(new Set(ids).size).toBe(ids.length);
	for (const id of ids) expect(id).toMatch(/^[a-z][\w.-]*$/i);
	expect(ids).toContain('accuracy-energy-45nm');
});

test('a figure is as wide as the column it is for, up to the rounding of its axes', async () => {
	for (const millimetres of [88, 181]) {
		for (const { bytes } of await drawFigures(chartsOf([analysisOf()]), 'svg', { widthMillimetres: millimetres })) {
			const drawn = Number(/width="([\d.]+)"/.exec(Buffer.from(bytes).toString())?.[1]);
			expect(Math.abs(drawn - (millimetres / 25.4) * 96)).toBeLessThanOrEqual(12);
		}
	}
});

test('a figure for a paper has fixed colours and loads nothing', async () => {
	for (const { bytes } of await drawFigures(chartsOf([analysisOf(), analysisOf(reluActivity())]), 'svg', {
		widthMillimetres: 88,
	})) {
		const svg = Buffer.from(bytes).toString();
		expect(svg).not.toMatch(/var\(--|<script|<image|href=|url\(/);
		expect(svg).not.toMatch(/NaN|undefined|Infinity/);
	}
});

test('a PDF holds the same picture on one page and the same bytes every time', async () => {
	const charts = chartsOf([analysisOf()]);
	const [first] = await drawFigures(charts, 'pdf', { widthMillimetres: 88 });
	const [again] = await drawFigures(charts, 'pdf', { widthMillimetres: 88 });
	const text = Buffer.from(first?.bytes ?? []).toString('latin1');
	expect(text.startsWith('%PDF-1.')).toBe(true);
	expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
	expect(first?.bytes).toEqual(again?.bytes);
});

test('charts of a net that never fires are drawn without a number that is none', async () => {
	const base = snntorchActivity();
	const layers = base.layers.map((layer) =>
		layer.kind === 'neuron'
			? {
					...layer,
					totals: { ...layer.totals, spikes: 0 },
					perTimestep: layer.perTimestep.map((counts) => ({ ...counts, spikes: 0 })),
				}
			: layer,
	);
	const charts = chartsOf([analysisOf({ ...base, layers })]);
	expect(charts.find(({ id }) => id === 'spikes-by-timestep')?.alternative).toBe('No neuron fires at any timestep.');
	for (const { bytes } of await drawFigures(charts, 'svg', { widthMillimetres: 181 }))
		expect(Buffer.from(bytes).toString()).not.toMatch(/NaN|undefined/);
});

test('a PNG has the pixels of its width and resolution, and says so', async () => {
	const [figure] = await drawFigures(chartsOf([analysisOf()]), 'png', { widthMillimetres: 88, dotsPerInch: 300 });
	const bytes = Buffer.from(figure?.bytes ?? []);
	expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
	expect(Math.abs(bytes.readUInt32BE(16) - (88 / 25.4) * 300)).toBeLessThan(45);
	const at = bytes.indexOf('pHYs');
	expect(bytes.readUInt32BE(at + 4)).toBe(11811);
});

test('labels beside points cover neither each other nor a point, as long as there is room', () => {
	const points = Array.from({ length: 6 }, (_, at) => ({ x: 100 + 7 * at, y: 100 + 3 * at, label: `T = ${at}` }));
	const sides = placeLabels(points, { width: 300, height: 200 }, 10);
	expect(new Set(sides).size).toBeGreaterThan(3);
	const [corner] = placeLabels([{ x: 299, y: 100, label: 'a long name' }], { width: 300, height: 200 }, 10);
	expect(corner).toMatch(/left/i);
});
