import { fileURLToPath } from 'node:url';

/**
 * Liberation Sans, as wide as Helvetica, which pictures name and nobody may ship. Figures carry it, because publishers refuse
 * PDFs whose fonts are not embedded. The path is the same from the sources and from the compiled files.
 */
export const fontPath = fileURLToPath(new URL('../../../src/reporting/charts/fonts/LiberationSans-Regular.ttf', import.meta.url));
