/** What is used of csv-stringify; its own types need Node's, which the core has not. */
export declare function stringify(rows: readonly (readonly string[])[], options: { readonly record_delimiter: 'unix' }): string;
