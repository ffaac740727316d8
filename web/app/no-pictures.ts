/** Stands for pictures.ts in the page that is one file: the chart library would double it. */

export const canDraw = false;
const absent = (): never => {
	throw new Error('this page draws no picture files. Save JSON, and run: npx snn-energy report energy.json');
};
export const pictureOf = absent;
export const rasterised = absent;
export const staticReport = absent;
/** Of src/reporting/html/report.ts. */
export const renderHtmlReport = absent;
/** Of parts/claim.tsx: a page of results opens no claim. */
export const ClaimSection = absent;
