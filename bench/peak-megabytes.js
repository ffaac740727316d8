import { readFileSync } from 'node:fs';

/**
 * The most memory that this process ever held, in MiB. On Linux it is the process's own high-water mark: getrusage's figure starts
 * at what the parent held when it spawned the process, so that a child of a jest worker seemed to take as much as the worker.
 */
export function peakMegabytes() {
	if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
	const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
	return Number(kibibytes) / 1024;
}
