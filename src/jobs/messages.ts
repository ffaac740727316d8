/** Every sentence a user can meet about runs that are shared by several processes. */

export const workerEnded = (worker: number, of: number, how: string): string =>
	`Worker ${worker} of ${of} ${how} before it had counted its samples. The most frequent cause is too little memory: try fewer --jobs or a smaller --batch.`;
export const endedBySignal = (signal: string): string => `was ended by ${signal}`;
export const endedWithCode = (code: number | null): string => `ended with code ${code ?? 'unknown'}`;
export const workerUnstartable = (cause: string): string =>
	`--jobs: a worker process cannot be started: ${cause}. Try fewer --jobs, or none.`;
