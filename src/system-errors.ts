import { codeOf } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'its folder does not exist; make it first',
	ENOSPC: 'the disk is full',
	EDQUOT: 'the disk quota is used up',
	EFBIG: 'the file would be larger than this process may write (ulimit -f)',
	EACCES: 'the folder may not be written',
	EPERM: 'the folder may not be written',
	EROFS: 'the disk is read-only',
	EISDIR: 'it is a folder; name a file',
	ENOTDIR: 'a part of the path is a file, not a folder',
	EEXIST: 'a file has that name; name a folder',
	ENAMETOOLONG: 'the name is longer than the file system takes; name a shorter one',
	ELOOP: 'its symbolic links lead in a circle',
	EBADF: 'nothing is open there for writing',
	EMFILE: 'too many files are open at once; raise the limit (ulimit -n)',
	ENFILE: 'too many files are open on this machine',
	EPIPE: 'nobody reads the pipe any more',
	ENXIO: 'nobody reads the pipe',
	EIO: 'the disk reports an error',
};

/** Why the system refused a file, in words. */
export function fileProblem(cause: unknown): string {
	const code = codeOf(cause) ?? String(cause);
	return reasons[code] ?? code;
}

/** Whether an error is one of the system's, such as a full disk, and none of this program. */
export const isSystemProblem = (error: unknown): boolean =>
	typeof (error as { readonly syscall?: string }).syscall === 'string' && Object.hasOwn(reasons, codeOf(error) ?? '');

/** An error as the system would throw it. */
export const systemError = (code: string): Error => Object.assign(new Error(code), { code });
