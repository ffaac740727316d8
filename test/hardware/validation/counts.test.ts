import type { CountsCase } from '../../../src/hardware/validation/case.ts';
import { parseCase } from '../../../src/hardware/validation/case-file.ts';
import { compareCounts } from '../../../src/hardware/validation/kinds/counts.ts';

const table = (row: string): CountsCase =>
	parseCase(
		`
name: table
title: a table
kind: counts
authority: publication
source: nobody
profile: 45nm
rows:
  - { name: net, ${row}, published: { energy: 13.10 mJ }, tolerance: 0.001 }
`,
		'table.yaml',
	) as CountsCase;

test('accumulates cost 0.9 pJ, multiply-accumulates 4.6 pJ, synaptic operations as accumulates', () => {
	const [row] = compareCounts(table('acs: 0.50e9, macs: 2.75e9'), 'table.yaml');
	expect(row?.ours).toBeCloseTo(13.1e-3, 12);
	expect(compareCounts(table('sops: [2.73, 1000000000]'), 'table.yaml')[0]?.ours).toBeCloseTo(2.457e-3, 12);
	expect(compareCounts(table('acs: 1, sops: 1'), 'table.yaml')[0]?.ours).toBeCloseTo(1.8e-12, 20);
});

test('a table of power is refused', () => {
	const content = table('acs: 1');
	const [row] = content.rows;
	const wrong = { ...content, rows: [{ ...row, published: { energy: '3 mW' } }] } as CountsCase;
	expect(() => compareCounts(wrong, 'table.yaml')).toThrow('row "net" is "3 mW"; expected an energy');
});
