/** Samples read as they are asked for. */
export interface RangeReader {
	/**
	 * Samples start … end − 1 as numbers, one after another.
	 *
	 * @throws UserError naming the file that is broken
	 */
	read(start: number, end: number): Promise<Float32Array>;
	/** Ends the threads, where there are any; what is being read is given up. */
	close(): void;
}

/** How samples are read. */
export interface Reading<Request> {
	/** In the plural, for messages. */
	readonly what: string;
	readonly requestOf: (start: number, end: number) => Request;
	readonly read: (request: Request) => Float32Array;
}

/** Reads samples on the calling thread. */
export const readHere = <Request>({ requestOf, read }: Omit<Reading<Request>, 'what'>): RangeReader => ({
	read: async (start, end) => read(requestOf(start, end)),
	close: () => {},
});
