import { stderr } from 'node:process';
import type { Command } from '../command.ts';

interface MergeArguments {
	readonly shards: readonly string[];
	readonly out?: string;
	readonly partial: boolean;
}

export const merge: Command = {
	command: 'merge <shards..>',
	describe: 'Join the event counts of shards into those of the whole run, the same bytes as one run gives',
	builder: (command) =>
		command
			.positional('shards', {
				type: 'string',
				array: true,
				demandOption: true,
				describe: 'Files of "--shard K/N --save-activity FILE", in any order',
			})
			.option('out', { type: 'string', describe: 'Write the counts to this file instead of stdout' })
			.option('partial', {
				type: 'boolean',
				default: false,
				describe: 'Join what there is although samples are missing; the result is marked partial and can be merged again',
			}),
	examples: [
		['batch merge shards/*.activity.json --out run.activity.json'],
		['analyze run.activity.json --profile 45nm,loihi', 'then: what it costs'],
	],
	handler: (values) => run(values as unknown as MergeArguments),
};

async function run({ shards, out, partial }: MergeArguments): Promise<void> {
	const { renderJson } = await import('../../reporting/json-text.ts');
	const { sealed } = await import('../../reporting/seal.ts');
	const { isWhole, mergeParts, readParts, savedActivity } = await import('../../scale/index.ts');
	const { partial: partialSentence } = await import('../../scale/messages.ts');
	const { writeResult } = await import('../output.ts');
	const merged = mergeParts(readParts(shards), partial);
	await writeResult(renderJson(sealed(savedActivity(merged))), out);
	if (!isWhole(merged)) stderr.write(`snn-energy: ${partialSentence(merged.ranges, merged.settings.samples)}\n`);
}
