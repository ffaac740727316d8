/** Imports nothing: a page decides with it before it loads the checker. */

const rate = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*%?`;
const rates = new RegExp(String.raw`^\s*${rate}(?:\s*,\s*${rate})*\s*$`, 'i');

/** Whether a text is itself a rate, or rates separated by commas; else it is one of a file, or its path. */
export const isRateText = (text: string): boolean => rates.test(text);
