/** The program of a worker process: counts the samples it is told to, and tells its parent what it found. */
import { UserError } from '../errors.ts';
import { loadNetwork, openNetworkData } from '../pipeline.ts';
import { countRanges, describeRun } from '../scale/index.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';

const stop = new AbortController();

// Ctrl-C and Slurm's signals reach every process; the parent decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Without a parent nobody is told anything.
process.on('disconnect', () => process.exit(1));

const reply = (message: WorkerReply): Promise<void> =>
	new Promise((resolve) => {
		process.send?.(message, undefined, undefined, () => resolve());
	});

async function count({ run, ranges, snapshotSeconds }: Extract<WorkerRequest, { kind: 'count' }>): Promise<void> {
	const network = await loadNetwork(run.model, run.load);
	const data = await openNetworkData(network, run.count);
	let told = performance.now();
	try {
		const { settings } = describeRun(network, data, run.count);
		const part = await countRanges(network, data, ranges, settings, {
			...run.count,
			signal: stop.signal,
			onProgress: (done) => void reply({ kind: 'progress', done }),
			onPart(current) {
				if (performance.now() - told < snapshotSeconds * 1000) return;
				told = performance.now();
				void reply({ kind: 'snapshot', part: current() });
			},
		});
		await reply({ kind: 'done', part });
	} finally {
		data.source.close();
	}
}

process.on('message', (request: WorkerRequest) => {
	if (request.kind === 'stop') {
		stop.abort();
		return;
	}
	count(request)
		.catch((error: unknown) =>
			reply({
				kind: 'failed',
				message: error instanceof Error ? error.message : String(error),
				exitCode: error instanceof UserError ? error.exitCode : 70,
				internal: !(error instanceof UserError),
			}),
		)
		.finally(() => process.disconnect?.());
});

// The parent may have ended while this program was loading, when nobody listened yet.
if (!process.connected) process.exit(1);
