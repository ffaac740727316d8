/** The program of a thread that reads pictures while another computes. */
import { parentPort } from 'node:worker_threads';
import { type PictureReply, type PictureRequest, readPictures } from './read-pictures.ts';

parentPort?.on('message', ({ id, pictures }: PictureRequest) => {
	try {
		const values = readPictures(pictures);
		parentPort?.postMessage({ id, values } satisfies PictureReply, [values.buffer as ArrayBuffer]);
	} catch (error) {
		parentPort?.postMessage({ id, problem: (error as Error).message } satisfies PictureReply);
	}
});
