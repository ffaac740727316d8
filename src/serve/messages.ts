export const pageNotBuilt = (folder: string): string =>
	`${folder}: the page is not there. In a checkout, build it with "npm run build && npm run web".`;
export const noFile = (file: string): string =>
	`${file}: there is no such file to open in the page. Name a model, a saved result, data or a profile.`;
export const portTaken = (port: number): string =>
	`Port ${port} cannot be used: something else has it, or it needs more rights. Leave --port out to take any that is free.`;
