declare module 'virtual:validators' {
	export const validators: ReadonlyMap<string, (value: unknown) => boolean>;
}
