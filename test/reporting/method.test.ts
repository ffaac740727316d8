import { estimate, loadProfile } from '../../src/hardware/index.ts';
import { type Analysis, buildAnalysis } from '../../src/reporting/analysis.ts';
import { bibliography, citationsOf } from '../../src/reporting/bibliography.ts';
import { methodOfAll, methodParagraph, renderMethod } from '../../src/reporting/method.ts';
import { reproduceCommand } from '../../src/reporting/reproduce.ts';
import { arithmeticEstimate, denseComparison, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

function analysisOf(activity = snntorchActivity()) {
	const estimate = arithmeticEstimate(activity);
	return buildAnalysis(activity, [estimate], [denseComparison(activity, estimate)]);
}

test('the method paragraph says what was run, counted and priced', () => {
	const text = methodParagraph(analysisOf());
	expect(text).toContain('run on 16 samples of inputs.npy for 6 timesteps');
	expect(text).toContain('The analog first layer was charged at every timestep.');
	expect(text).toContain('E_mac = 4.6 pJ and E_ac = 900 fJ');
	expect(text).toContain('weight reads, membrane reads, membrane writes, control and leakage are not priced');
	expect(text).toContain('[horowitz2014]');
});

test('a DNN has no timesteps and no spikes in its method', () => {
	expect(methodParagraph(analysisOf(reluActivity()))).not.toMatch(/timestep|spike/);
});

test('several runs share one paragraph: what holds for some is said of them by name', () => {
	const [fast, slow] = [1, 6].map((timesteps) => analysisOf(snntorchActivity({ timesteps, file: `snn-t${timesteps}.onnx` })));
	const text = methodOfAll([analysisOf(reluActivity()), fast as Analysis, slow as Analysis]);
	expect(text.match(/Energy was estimated/g)).toHaveLength(1);
	expect(text).toMatch(/relu-twin \([\d,]+ parameters\) was run on/);
	expect(text).toContain('In each run every synaptic event was counted exactly');
	expect(text).toContain('For snn T=1 and snn T=6: Each synaptic event caused by a spike');
	expect(text.match(/Energies are means/g)).toHaveLength(1);
	expect(text).not.toContain('\n');
});

test('everything the paragraph cites is in the bibliography', () => {
	const text = renderMethod([analysisOf()], 'text', true);
	for (const [, key] of text.matchAll(/\[([a-z]+\d*)\]/g)) expect(text).toContain(`@misc{${key},`);
	expect(text).toContain('doi = {10.1109/ISSCC.2014.6757323}');
	expect(text).toContain('year = {2014}');
});

test('two sources of one author and year have two keys', () => {
	const estimate = arithmeticEstimate(snntorchActivity());
	const [first, second] = estimate.constants;
	if (first === undefined || second === undefined) throw new Error('the fixture has two constants');
	const two = { ...estimate, constants: [first, { ...second, source: 'M. Horowitz, another talk, 2014' }] };
	expect(citationsOf([two]).map(({ key }) => key)).toEqual(['horowitz2014', 'horowitz2014b']);
	expect(bibliography([two]).match(/@misc/g)).toHaveLength(3);
});

test('the command to repeat a run quotes what a shell would misread', () => {
	const command = reproduceCommand(analysisOf(snntorchActivity({ file: "it's; rm -rf $HOME.onnx" })));
	expect(command).toBe(
		"snn-energy analyze 'it'\\''s; rm -rf $HOME.onnx' --data inputs.npy --samples 16 --timesteps 6 --encoder every-step --profile 45nm",
	);
});

test('LaTeX cites, escapes and quotes as print does; Markdown cites for pandoc', () => {
	const analysis = analysisOf(snntorchActivity({ file: 'my_net.onnx' }));
	const latex = methodParagraph(analysis, 'latex');
	expect(latex).toContain('~\\cite{horowitz2014}');
	expect(latex).toContain('E\\_mac');
	expect(methodParagraph(analysis, 'markdown')).toContain('[@horowitz2014]');
	const bib = renderMethod([analysis], 'latex', true);
	expect(bib).not.toContain('textquotesingle');
	expect(bib).toMatch(/^% \tauthor = /m);
	expect(bib).toContain('url = {https://doi.org/10.1109/ISSCC.2014.6757323}');
});

test('every entry of the bibliography of a shipped profile has a year and says where to read it, and most an author', () => {
	const estimates = ['45nm', 'loihi', 'truenorth', 'spinnaker2'].map((name) => estimate(snntorchActivity(), loadProfile(name)));
	for (const one of estimates) {
		for (const entry of bibliography([one]).split('\n\n').slice(1)) {
			expect(entry).toMatch(/\tyear = \{\d{4}\}/);
			expect(entry).toMatch(/\t(author|howpublished) = /);
		}
	}
});

test('that the first layer was charged once is said of runs where it was, whatever was asked for', () => {
	const changing = snntorchActivity();
	const asked = { ...changing, run: { ...changing.run, encoder: 'once' as const } };
	expect(methodParagraph(analysisOf(asked))).toContain('charged at every timestep');
	const once = {
		...asked,
		layers: asked.layers.map((layer) =>
			layer.kind === 'synaptic' && layer.source === null
				? {
						...layer,
						perTimestep: layer.perTimestep.map((counts, at) =>
							at === 0 ? counts : { ...counts, acs: 0, macs: 0, macsDense: 0 },
						),
					}
				: layer,
		),
	};
	expect(methodParagraph(analysisOf(once))).toContain('was charged once per inference');
	expect(methodParagraph(analysisOf(snntorchActivity({ timesteps: 1 })))).not.toContain('charged');
});
