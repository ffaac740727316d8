/** Thrown when the user asked a run to stop, after a checkpoint was written. */
export class Interrupted extends Error {
	override readonly name = 'Interrupted';
}
