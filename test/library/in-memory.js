// Counts a model placed in memory through the core's door, and prints what it cost; run with and without --conditions=browser.
import { readFileSync } from 'node:fs';
import { countEvents, listProfiles, loadNetwork, placeFile, priceActivity, renderAnalysis } from 'snn-energy/core';

for (const name of ['model.onnx', 'samples.npz'])
	placeFile(`given/${name}`, new Uint8Array(readFileSync(`models/fashion-cnn/${name}`)));
const activity = await countEvents(await loadNetwork('given/model.onnx'), { samples: 20 });
const analysis = priceActivity(activity, { profiles: ['45nm'] });
const joules = analysis.estimates[0].energyPerInferenceJoules.nominal;
const table = await renderAnalysis(analysis, 'table');
console.log(JSON.stringify([activity.totals, joules, listProfiles().map(({ name }) => name), table]));
