import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pngjs from 'pngjs';

/**
 * Writes a folder of PNG pictures in two classes, each picture of its own colours.
 *
 * @returns the folder
 */
export function writePictures(folder: string, count: number, width: number, height: number): string {
	for (let index = 0; index < count; index++) {
		// Classes are read one after the other, files by name: the number is the place in the set.
		const place = join(folder, index < count / 2 ? 'ant' : 'bee');
		mkdirSync(place, { recursive: true });
		const png = new pngjs.PNG({ width, height });
		for (let p = 0; p < width * height; p++) png.data.set([(p * 7) % 256, index * 9, (p * index) % 256, 255], 4 * p);
		writeFileSync(join(place, `${String(index).padStart(4, '0')}.png`), pngjs.PNG.sync.write(png));
	}
	return folder;
}
