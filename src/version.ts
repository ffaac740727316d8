/** Name and version of this tool, recorded in every result. */
export { tool } from '#platform/package';
