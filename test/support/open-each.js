/**
 * Opens every file of a list and finds its structure, in a process of its own whose memory is limited: one line of JSON for each,
 * and a last one with the memory the process took.
 */
import { readFileSync } from 'node:fs';
import { peakMegabytes } from '../../bench/peak-megabytes.js';
import { openModel } from '../../dist/formats/open-model.js';
import { findStructure } from '../../dist/network/structure.js';

const [list = ''] = process.argv.slice(2);
for (const file of JSON.parse(readFileSync(list, 'utf8'))) {
	const before = process.cpuUsage();
	let outcome = 'read';
	let error = '';
	try {
		await findStructure(await openModel(file), { timesteps: 3 });
	} catch (thrown) {
		outcome = thrown.name === 'UserError' ? 'refused' : 'crashed';
		error = outcome === 'refused' ? thrown.message : String(thrown.stack);
	}
	const { user, system } = process.cpuUsage(before);
	process.stdout.write(`${JSON.stringify({ file, outcome, error, seconds: (user + system) / 1e6 })}\n`);
}
process.stdout.write(`${JSON.stringify({ megabytes: peakMegabytes() })}\n`);
