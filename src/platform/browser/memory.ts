/** What a page may count on, in bytes: browsers do not say what there is. */
export const memoryBytes = 2 ** 32;
