// Reads what the parent names, one file after another, and says how it ended: a process of its own, so that a crash is seen.
import { UserError } from '../../dist/errors.js';
import { targets } from './targets.js';

process.on('message', async ({ target, path }) => {
	process.send(await outcomeOf(target, path));
});
// Ctrl-C reaches the whole group; the parent ends the child.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.send({ kind: 'ready' });

async function outcomeOf(target, path) {
	try {
		const refusal = await targets[target].read(path);
		return typeof refusal === 'string' ? { kind: 'refused', text: refusal } : { kind: 'read' };
	} catch (error) {
		if (error instanceof UserError) return badSentence(error.message) ?? { kind: 'refused', text: error.message };
		return { kind: 'exception', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
}

/** A refusal is a sentence of readable length, without the inside of a stack. */
function badSentence(message) {
	const bad = message.length === 0 || message.length > 4000 || /\n\s+at .*:\d+:\d+/.test(message);
	return bad ? { kind: 'exception', text: `no sentence for a user: ${message.slice(0, 2000)}` } : undefined;
}
