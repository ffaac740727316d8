/**
 * One run at a time in a folder. Each run first puts down a file of its own, then looks for those of others: of two that
 * start at the same moment at least one sees the other, and no run ever removes the file of one that lives.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../files.ts';
import { processRuns } from '../processes.ts';
import { fileProblem } from '../system-errors.ts';
import * as messages from './messages.ts';

const pattern = /^training-run-(\d+)\.lock$/;
const lockName = (pid: number): string => `training-run-${pid}.lock`;

interface Owner {
	readonly host: string;
	/** When the process started, as the system counts it: a process number is used again, this is not. Empty where unknown. */
	readonly started: string;
}

function startOf(pid: number): string {
	try {
		// Field 22, counted behind the command's name, which may hold spaces and brackets.
		const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
	} catch {
		return '';
	}
}

function ownerOf(path: string): Owner | null {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as Owner;
	} catch {
		return null;
	}
}

/** Whether the run that put a lock down has ended. A run on another machine, or a file being written, counts as alive. */
function ended(pid: number, owner: Owner | null): boolean {
	if (!processRuns(pid)) return owner === null || owner.host === hostname();
	if (owner === null || owner.host !== hostname()) return false;
	const started = startOf(pid);
	return started !== '' && owner.started !== '' && started !== owner.started;
}

/** Folders this process holds. */
const held = new Set<string>();

/**
 * Takes a folder for one run, and makes it where it is missing.
 *
 * @returns gives the folder back
 * @throws UserError when another run works there
 */
export function lockFolder(folder: string): () => void {
	if (held.has(folder)) throw messages.folderInUse(folder, process.pid, join(folder, lockName(process.pid)));
	const own = join(folder, lockName(process.pid));
	const owner: Owner = { host: hostname(), started: startOf(process.pid) };
	makeFolder(folder, '--out or --checkpoints');
	try {
		writeFileSync(own, JSON.stringify(owner));
	} catch (cause) {
		throw messages.folderCannotBeUsed(folder, fileProblem(cause), cause);
	}
	for (const name of readdirSync(folder)) {
		const pid = Number(pattern.exec(name)?.[1] ?? process.pid);
		const path = join(folder, name);
		if (pid === process.pid) continue;
		if (ended(pid, ownerOf(path))) rmSync(path, { force: true });
		else {
			rmSync(own, { force: true });
			throw messages.folderInUse(folder, pid, path);
		}
	}
	held.add(folder);
	return () => {
		held.delete(folder);
		rmSync(own, { force: true });
	};
}
