/**
 * Writes card.md and curves.svg of a trained model anew from its training.json, its models and its samples.
 *
 *     npm run build && node scripts/write-card.js models/mnist-cnn
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { energySection } from '../dist/cli/energy-section.js';
import { trainingPicture } from '../dist/cli/training-picture.js';
import { outlineDataset } from '../dist/formats/datasets/index.js';
import { fileOfStage, modelCard } from '../dist/training/card.js';
import { planFor } from '../dist/training/index.js';

for (const folder of process.argv.slice(2)) {
	const record = JSON.parse(readFileSync(join(folder, 'training.json'), 'utf8'));
	const { configuration } = record;
	const plan = planFor(configuration, outlineDataset(configuration.dataset, { split: 'train' }));
	const name = basename(resolve(folder));
	const curves = 'curves.svg';
	const last = `T${configuration.schedule.at(-1)}`;
	// Only a control and the tfjs copy may be missing: any other network belongs to the model.
	const controls = record.stages.filter(({ stage }) => stage.startsWith('control')).map(({ stage }) => fileOfStage(stage, last));
	const absent = [...controls, 'tfjs/'].filter((file) => !existsSync(join(folder, file)));
	writeFileSync(join(folder, curves), await trainingPicture(name, plan, record));
	writeFileSync(
		join(folder, 'card.md'),
		modelCard(name, plan, record, { energy: await energySection(folder, plan, record, absent), curves, absent }),
	);
	process.stdout.write(`${join(folder, 'card.md')}\n`);
}
