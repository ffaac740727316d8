/** The program of a thread that reads recordings while another computes. */
import { answerRequests } from '../reader-threads.ts';
import { readFrames } from './read-frames.ts';

answerRequests(readFrames);
