import { snnEnergyAll } from '../support/built-cli.ts';

const model = 'models/fashion-cnn';

const cases: readonly (readonly [line: readonly string[], said: string])[] = [
	[['analyse', model], 'Did you mean analyze?'],
	[['analyze', model, '--profil', '45nm'], 'Did you mean --profile?'],
	[['analyze', model, '--format', 'tex'], 'Did you mean latex?'],
	[['analyze', model, '--profile', '45mn'], 'Did you mean 45nm'],
	[['analyze', model, '--data', 'mnistt'], 'Did you mean mnist'],
	[['analyze', model, '--data', 'randon'], 'Did you mean random?'],
	[['analyze', model, '--data', 'nmnist', '--data-dir', 'nowhere'], 'the set nmnist is not here'],
	[['analyze', model, '--timesteps', 'abc'], '--timesteps abc: expected a number.'],
	[['analyze', model, '-T', 'abc'], '--timesteps abc: expected a number.'],
	[['explain', `${model}/model.analysis.json`, '--by', 'memry'], 'Did you mean memory?'],
	[['report', `${model}/model.analysis.json`, '--figure', 'energy-by-layr'], 'Did you mean energy-by-layer'],
];

test('whatever is mistyped is answered in one sentence with what was meant', async () => {
	const outcomes = await snnEnergyAll(cases.map(([line]) => line));
	for (const [at, [line, said]] of cases.entries()) {
		const { code, stdout, stderr } = outcomes[at] ?? { code: null, stdout: '', stderr: '' };
		expect([line, code === 0, stdout]).toEqual([line, false, '']);
		expect(stderr).toMatch(/^snn-energy: [^\n]+\n$/);
		expect(stderr).toContain(said);
	}
}, 120_000);
