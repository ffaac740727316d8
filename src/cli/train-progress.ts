import { stderr } from 'node:process';
import type { EpochRecord, Progress } from '../training/index.ts';

/** A span of time as people say it. */
export function duration(seconds: number): string {
	if (!Number.isFinite(seconds)) return 'unknown';
	if (seconds < 120) return `${Math.max(0, seconds).toFixed(0)} s`;
	if (seconds < 7200) return `${(seconds / 60).toFixed(0)} min`;
	return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}

function progressLine(progress: Progress): string {
	const { stage, epoch, epochs, step, steps, loss, accuracy, imagesPerSecond, secondsLeft, runSecondsLeft } = progress;
	return [
		`${stage} epoch ${epoch}/${Math.ceil(epochs)} step ${step}/${steps}`,
		`loss ${loss.toFixed(4)}`,
		`accuracy ${(100 * accuracy).toFixed(2)} %`,
		`${imagesPerSecond.toFixed(0)} images/s`,
		`${duration(secondsLeft)} left in this stage, about ${duration(runSecondsLeft)} in all`,
	].join('  ');
}

function epochLine(record: EpochRecord): string {
	const { stage, epoch, loss, trainAccuracy, testAccuracy, validationAccuracy, seconds, firingRates } = record;
	const shown = (name: string, accuracy: number | null | undefined): string =>
		typeof accuracy === 'number' ? `, ${name} ${(100 * accuracy).toFixed(2)} %` : '';
	const test = shown('validation', validationAccuracy) + shown('test', testAccuracy);
	const rates = stage === 'relu' ? '' : `, firing rates ${firingRates.map((rate) => rate.toFixed(3)).join(' ')}`;
	return `${stage} epoch ${epoch}: loss ${loss.toFixed(4)}, training ${(100 * trainAccuracy).toFixed(2)} %${test}${rates}, ${seconds.toFixed(0)} s`;
}

/** Prints progress: one line that is written over in a terminal, one line a minute elsewhere. */
export function progressPrinter(quiet: boolean): {
	onProgress: (progress: Progress) => void;
	onEpoch: (epoch: EpochRecord) => void;
	onNote: (note: string) => void;
} {
	let last = Number.NEGATIVE_INFINITY;
	const terminal = stderr.isTTY;
	const erase = terminal ? '\r\x1b[K' : '';
	return {
		onProgress(progress) {
			const now = performance.now();
			if (quiet || now - last < (terminal ? 500 : 60_000)) return;
			last = now;
			stderr.write(terminal ? `${erase}${progressLine(progress)}` : `${progressLine(progress)}\n`);
		},
		onEpoch(epoch) {
			if (quiet) return;
			stderr.write(`${erase}${epochLine(epoch)}\n`);
			const silent = epoch.firingRates.flatMap((rate, index) => (rate === 0 ? [`neuron${index + 1}`] : []));
			if (silent.length > 0) stderr.write(`warning: ${silent.join(', ')} did not fire once in this epoch\n`);
		},
		onNote: (note) => stderr.write(`${erase}${note}\n`),
	};
}
