// Loaded into a process by --import: tells at its end, on file descriptor 3, the most memory it ever held.
import { writeSync } from 'node:fs';
import { peakMegabytes } from './peak-megabytes.js';

process.on('exit', () => writeSync(3, String(peakMegabytes() * 1024)));
