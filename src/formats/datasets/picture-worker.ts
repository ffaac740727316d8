/** The program of a thread that reads pictures while another computes. */
import { answerRequests } from '../reader-threads.ts';
import { readPictures } from './read-pictures.ts';

answerRequests(readPictures);
