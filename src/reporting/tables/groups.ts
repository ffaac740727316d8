/** The three kinds of rows, named the same in every table. */
export const groups = {
	published: 'published (cited)',
	computed: 'computed from published architectures and spike rates',
	measured: 'measured here on the models shipped',
} as const;
