import { tool as shipped } from '#platform/package';

/** Name and version of this tool, recorded in every result. */
export const tool: { readonly name: string; readonly version: string } = shipped;
