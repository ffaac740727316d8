/** Profiles and schemas by their name in the package. Empty here: the build writes this module anew (scripts/ship-texts.js). */
export const shippedTexts: Readonly<Record<string, string>> = {};
