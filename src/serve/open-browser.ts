import { spawn } from 'node:child_process';

/** What opens an address on this system; null where no one would see it. */
function opener(): readonly [command: string, ...words: string[]] | null {
	if (process.platform === 'darwin') return ['open'];
	if (process.platform === 'win32') return ['cmd', '/c', 'start', ''];
	return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? ['xdg-open'] : null;
}

/** Opens a browser if there is one; that there is none is no failure. */
export function openBrowser(address: string): void {
	const found = opener();
	if (!found) return;
	const [command, ...words] = found;
	const child = spawn(command, [...words, address], { stdio: 'ignore', detached: true });
	child.on('error', () => {});
	child.unref();
}
