export { basename, dirname, extname, isAbsolute, join, normalize } from 'node:path';
