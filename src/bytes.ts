/** Arrays of bytes. */

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Negative, zero or positive, as bytes compare one by one and a shorter array comes before its continuations. */
export function compareBytes(one: Uint8Array, two: Uint8Array): number {
	const shared = Math.min(one.length, two.length);
	for (let at = 0; at < shared; at += 1) if (one[at] !== two[at]) return (one[at] as number) - (two[at] as number);
	return one.length - two.length;
}

export const sameBytes = (one: Uint8Array, two: Uint8Array): boolean => one.length === two.length && compareBytes(one, two) === 0;

/** Whether a text of characters below 256 stands somewhere among the bytes. */
export function includesText(bytes: Uint8Array, text: string): boolean {
	const wanted = Uint8Array.from(text, (character) => character.charCodeAt(0));
	for (let at = bytes.indexOf(wanted[0] as number); at >= 0; at = bytes.indexOf(wanted[0] as number, at + 1))
		if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return true;
	return false;
}

export function toBase64(bytes: Uint8Array): string {
	let text = '';
	for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
	return btoa(text);
}
