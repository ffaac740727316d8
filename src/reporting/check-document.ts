/** A checked claim for people: the verdict, the formulas, what is left out, and what cannot be true. */

import type { ClaimCheck, ClaimFormulaResult } from '../claims/index.ts';
import { formatCompactCount, formatQuantity, formatSignificant, prefixOf, underPrefix } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Block, Fact, Section, Table } from './table.ts';

/** Rows of the first price, and of the others where they give the claim: the rest stands in the JSON. */
function shown({ formulas, giving }: ClaimCheck): readonly ClaimFormulaResult[] {
	const first = formulas[0]?.price;
	return formulas.filter(
		(result) => (result.price === first && (!result.slip || result.givesClaim === true)) || giving.includes(result),
	);
}

const answer = ({ givesClaim, slip }: ClaimFormulaResult): string =>
	givesClaim === null ? '' : givesClaim ? (slip ? 'yes, a slip' : 'yes') : 'no';

/** Significant digits of a printed figure: "11.58 mJ" has four. */
const digitsOf = (text: string): number => (/[\d.,]*\d/.exec(text)?.[0] ?? '').replaceAll(/[.,]/g, '').replace(/^0+/, '').length;

/** Every formula with its numbers as numbers: what a spreadsheet wants. */
function csvTable({ formulas }: ClaimCheck): Table {
	return {
		id: 'claim-formulas',
		caption: 'Energy per inference by published formulas.',
		columns: [
			{ key: 'id', title: 'id', quantity: 'text' },
			{ key: 'formula', title: 'formula', quantity: 'text' },
			{ key: 'operationsFrom', title: 'SOP from', quantity: 'text' },
			{ key: 'prices', title: 'prices', quantity: 'text' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'relativeToClaim', title: '÷ claim', quantity: 'ratio' },
			{ key: 'givesClaim', title: 'gives it', quantity: 'text' },
		],
		rows: formulas.map((result) => ({
			cells: [
				result.id,
				result.formula,
				result.sops ?? '',
				result.price,
				result.energyJoules.nominal,
				result.relativeToClaim,
				answer(result),
			],
		})),
	};
}

/** The same for people: as many digits as the claim has, prices in the caption where they are the same throughout. */
function formulaTable(check: ClaimCheck): Table {
	const rows = shown(check);
	const claimed = check.claim.energyJoules;
	const digits = Math.max(3, claimed ? digitsOf(claimed.text) : 3);
	const unit = prefixOf(claimed?.nominal ?? rows[0]?.energyJoules.nominal ?? 1);
	const prices = new Set(rows.map(({ price }) => price));
	const onePrice = prices.size === 1;
	return {
		id: 'claim-formulas',
		caption: `Energy per inference${onePrice ? ` at ${[...prices][0]} prices` : ''}${claimed ? `; claimed: ${claimed.text}` : ''}.`,
		columns: [
			{ key: 'formula', title: 'formula', quantity: 'text' },
			{ key: 'operations', title: 'SOP from', quantity: 'text', dropOrder: 1 },
			...(onePrice ? [] : [{ key: 'prices', title: 'prices', quantity: 'text' } as const]),
			{ key: 'energy', title: 'energy', quantity: 'worded' },
			...(claimed
				? ([
						{ key: 'relativeToClaim', title: '÷ claim', quantity: 'ratio' },
						{ key: 'givesClaim', title: 'gives it', quantity: 'text' },
					] as const)
				: []),
		],
		rows: rows.map((result) => ({
			cells: [
				result.formula,
				result.sops ?? '',
				...(onePrice ? [] : [result.price]),
				`${formatSignificant(underPrefix(result.energyJoules.nominal, unit), digits)} ${unit.symbol}J`,
				...(claimed ? [result.relativeToClaim, answer(result)] : []),
			],
		})),
	};
}

function leftOutTable({ leftOut, claim }: ClaimCheck): Table {
	const claimed = claim.energyJoules?.nominal;
	return {
		id: 'claim-left-out',
		caption: 'Not in that formula. Words of memory have no price in any of these formulas; 45nm-memory prices them.',
		columns: [
			{ key: 'what', title: 'what', quantity: 'text' },
			{ key: 'count', title: 'count', quantity: 'worded' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			...(claimed === undefined ? [] : [{ key: 'shareOfClaim', title: 'of the claim', quantity: 'percent' } as const]),
		],
		rows: leftOut
			.filter(({ count }) => count !== null)
			.map(({ what, count, unit, energyJoules }) => ({
				cells: [
					what,
					`${formatCompactCount(count ?? 0)} ${unit}`,
					energyJoules,
					...(claimed === undefined ? [] : [energyJoules === null ? null : energyJoules / claimed]),
				],
			})),
	};
}

function networkFacts({ architecture, dnnEnergyJoules, sopsOfRates, claim }: ClaimCheck): Fact[] {
	if (!architecture) return [];
	const { denseMacs, firstLayerMacs, attentionMacs, parameters, neurons } = architecture;
	const attention = attentionMacs > 0 ? `, products of activations ${formatCompactCount(attentionMacs)}` : '';
	const facts: Fact[] = [
		{ label: 'Network', text: `${architecture.name}: ${architecture.source}` },
		{
			label: 'Dense pass',
			text: `${formatCompactCount(denseMacs)} MACs; first layer ${formatCompactCount(firstLayerMacs)}${attention}`,
		},
	];
	if (parameters !== null) facts.push({ label: 'Parameters', text: formatCompactCount(parameters) });
	if (neurons !== null) facts.push({ label: 'Neurons', text: formatCompactCount(neurons) });
	if (sopsOfRates) {
		const { weights, products } = sopsOfRates;
		facts.push({
			label: 'By the rates',
			text: `${formatCompactCount(weights + products)} synaptic operations${claim.timesteps ? ` in ${claim.timesteps} timesteps` : ' a timestep'}${products > 0 ? `, ${formatCompactCount(products)} of them in products of activations` : ''}`,
		});
	}
	if (dnnEnergyJoules)
		facts.push({ label: 'DNN baseline', text: `${formatQuantity(dnnEnergyJoules.nominal, 'J')}, every connection once` });
	return facts;
}

function findingBlocks(check: ClaimCheck): Block[] {
	if (check.findings.length === 0) return [{ kind: 'paragraph', text: 'None of these numbers contradicts another.' }];
	const items = check.findings.map(
		({ severity, sentence }) => `${severity === 'contradiction' ? 'Contradiction' : 'Remark'}: ${sentence}`,
	);
	return [{ kind: 'list', items }];
}

/** A checked claim in every form results are printed in. */
export function describeCheck(check: ClaimCheck): Printable {
	const table = formulaTable(check);
	const sections: Section[] = [
		{
			heading: 'Verdict',
			blocks: [{ kind: 'facts', facts: [{ label: 'Claim', text: check.verdict, strong: true }, ...networkFacts(check)] }],
		},
		{ heading: 'Do the numbers agree?', blocks: findingBlocks(check) },
	];
	if (table.rows.length > 0) sections.push({ heading: 'Energy by formula', blocks: [{ kind: 'table', table }] });
	const leftOut = leftOutTable(check);
	if (leftOut.rows.length > 0) {
		const [formula] = check.giving;
		sections.push({
			heading: `Left out by ${formula?.formula ?? 'the usual formula, E_MAC·FL₁ + E_AC·ΣSOP'}`,
			blocks: [{ kind: 'table', table: leftOut }],
		});
	}
	if (check.giving.length > 0)
		sections.push({
			heading: 'Sources',
			blocks: [{ kind: 'list', items: [...new Set(check.giving.map(({ formula, source }) => `${formula}: ${source}`))] }],
		});
	return { record: check, table: csvTable(check), document: { title: 'Claim check', sections } };
}
