/** Every sentence a user can meet about runs that are shared by several processes. */

export const workerEnded = (worker: number, of: number, how: string): string =>
	`Worker ${worker} of ${of} ${how} before it had counted its samples. The most frequent cause is too little memory: try fewer --jobs or a smaller --batch.`;
export const endedBySignal = (signal: string): string => `was ended by ${signal}`;
export const endedWithCode = (code: number | null): string => `ended with code ${code ?? 'unknown'}`;
export const workerUnstartable = (cause: string): string =>
	`--jobs: a worker process cannot be started: ${cause}. Try fewer --jobs, or none.`;

export const shardsNumber = (found: number): string => `--shards ${found}: expected a whole number of at least 1.`;
export const timestepsSyntax = (found: string): string =>
	`--timesteps ${found}: expected whole numbers separated by commas, such as 1,2,4.`;
export const moreJobsThanSamples = (model: string, shards: number, samples: number): string =>
	`--shards ${shards}: ${model} has only ${samples} samples to run on. Use at most ${samples} shards.`;
export const sweepWritten = (jobs: number, runs: number, folder: string): string =>
	`${jobs} ${jobs === 1 ? 'job' : 'jobs'} of ${runs} ${runs === 1 ? 'run' : 'runs'} in ${folder}/jobs.txt; when all are done, run: sh ${folder}/finish.sh`;
