import { tool as shipped, toolRepository } from '#platform/package';

/** Name and version of this tool, recorded in every result. */
export const tool: { readonly name: string; readonly version: string } = shipped;

/** Where this tool is found; null until the owner's name stands in package.json. */
export const toolAddress: string | null = /^github:(?!OWNER\/)/.test(toolRepository)
	? toolRepository.replace('github:', 'https://github.com/')
	: null;
