/** Stands for charts/pdf.ts, whose fonts are larger than all of the page. The page offers SVG and PNG. */
export const svgToPdfBytes = async (): Promise<Uint8Array> => {
	throw new Error('a page writes no PDF. The command line does: npx snn-energy report energy.json --figure all');
};
