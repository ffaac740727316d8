import { join } from 'node:path';
import { packageFolder } from '#platform/package';

/**
 * Liberation Sans, as wide as Helvetica, which pictures name and nobody may ship. Figures carry it, because publishers refuse
 * PDFs whose fonts are not embedded.
 */
export const fontPath = join(packageFolder, 'src/reporting/charts/fonts/LiberationSans-Regular.ttf');
