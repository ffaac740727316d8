import { loadCommands } from '../../src/cli/commands/index.ts';
import { helpGroups, topHelp } from '../../src/cli/top-help.ts';

const verb = (usage: unknown): string => String(usage).split(' ')[0] as string;

test('the top page names every command there is, and none that is not', async () => {
	const shown = helpGroups.flatMap(({ verbs }) => verbs.map(([usage]) => verb(usage)));
	const commands = await loadCommands();
	const known = commands.map(({ command }) => verb(Array.isArray(command) ? command[0] : command));
	expect([...shown].sort()).toEqual([...known].sort());
});

test('the top page fits one screen', () => {
	const lines = topHelp('snn-energy').split('\n');
	expect(lines.length).toBeLessThanOrEqual(32);
	for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
});
