import type { Table } from '../../../src/reporting/table.ts';

/** Names that try everything: specials, commands, comments, other scripts, control characters, words without an end. */
const names = [
	'50%_of $x^2$ & #1 {a} ~ \\input{/etc/passwd} % comment',
	'\\end{tabular}\\end{table}\\end{document}',
	'"quotes" \'single\' `back` <less> |pipe| [brackets] -- dashes --- minus−plus±',
	'éàüñøßŁž µ × ≥ → Σ θ λ … € ° ² ³ 漢字 \u001b[31m \u202e emoji 😀',
	'[0pt] starts with a bracket',
	'*',
	'features.10.block.3.conv_bn_relu.weight.quantised.reparametrised'.repeat(2),
];

export const hostileTable: Table = {
	id: 'hostile names_1',
	caption: names.join(' '),
	note: names.join(' '),
	columns: [
		{ key: 'name', title: 'name & title_%', quantity: 'text' },
		{ key: 'count', title: 'count #', quantity: 'count' },
		{ key: 'energy', title: 'energy', quantity: 'joules' },
		{ key: 'share', title: 'share', quantity: 'percent' },
		{ key: 'ratio', title: 'ratio', quantity: 'ratio' },
	],
	rows: names.map((name, index) => ({
		group: index < 3 ? 'group {one} & more' : 'group_two',
		cells: [
			name,
			1234567 * index,
			index === 2 ? null : { low: 1.23e-9 * 10 ** index, nominal: 2.34e-9 * 10 ** index, high: 3.45e-9 * 10 ** index },
			index / 7,
			index === 4 ? null : 0.00123 * 10 ** index,
		],
		emphasis: index === names.length - 1,
	})),
};
