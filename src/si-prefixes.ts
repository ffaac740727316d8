/** What a letter before a unit multiplies it by, in the spellings that papers and command lines use. */
export const siPrefixes: Readonly<Record<string, number>> = {
	f: 1e-15,
	p: 1e-12,
	n: 1e-9,
	u: 1e-6,
	µ: 1e-6,
	μ: 1e-6,
	m: 1e-3,
	'': 1,
	k: 1e3,
	K: 1e3,
	M: 1e6,
	G: 1e9,
	B: 1e9,
	T: 1e12,
};
