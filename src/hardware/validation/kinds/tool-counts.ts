import { dirname, resolve } from 'node:path';
import type { Activity, Encoder } from '../../../activity/activity.ts';
import { UserError } from '../../../errors.ts';
import { accountingEvents } from '../../accounting/accountings.ts';
import { totalOf } from '../../events.ts';
import { eventNames } from '../../profile/vocabulary.ts';
import type { ToolCountsCase } from '../case.ts';
import * as messages from '../messages.ts';
import type { Comparison } from '../result.ts';

/** Runs a model and counts; given by the caller, because hardware does not know how models are run. */
export type CountModel = (
	model: string,
	options: { readonly data: string; readonly timesteps: number | undefined; readonly encoder: Encoder },
) => Promise<Activity>;

/** Runs the model once and counts it the way each named tool counts; numbers are per sample. */
export async function compareToolCounts(
	content: ToolCountsCase,
	path: string,
	countModel: CountModel,
): Promise<readonly Comparison[]> {
	const place = (file: string): string => resolve(dirname(path), file);
	const { timesteps, encoder } = content;
	for (const { event } of content.counts) {
		if (!(eventNames as readonly string[]).includes(event)) throw new UserError(messages.unknownEvent(path, event));
	}
	const activity = await countModel(place(content.model), { data: place(content.data), timesteps, encoder });
	return content.counts.map(
		({ name, accounting, event, published, tolerance, note }): Comparison => ({
			subject: '',
			quantity: name,
			unit: '',
			ours: totalOf(accountingEvents(activity, accounting).events, event),
			theirs: published,
			tolerance,
			note: note ?? null,
		}),
	);
}
