/** Stands for charts/pdf.ts and charts/png.ts, whose fonts are larger than all of the page. The page offers SVG, and draws PNG itself. */
const absent = async (): Promise<Uint8Array> => {
	throw new Error('a page writes no such file. The command line does: npx snn-energy report energy.json --figure all');
};
export const svgToPdfBytes = absent;
export const svgToPngBytes = absent;
