/** The page of a converted network: the curve over timesteps, its numbers, and what they rest on. */

import { tool } from '../../version.ts';
import type { Card } from '../answer-cards.ts';
import { conversionCurveChart } from '../charts/conversion-curve.ts';
import { accuracyOf, shortModelName } from '../compare.ts';
import { type ConversionReport, curvePoints, describeConversion } from '../conversion-document.ts';
import { formatAccuracyPercent, formatCount, formatQuantity, formatRatio } from '../numbers.ts';
import { ratioOrNull } from '../quantities.ts';
import { cards, documentSection, figure, type PageSection, pageElement } from './elements.ts';

/** One self-contained HTML file. */
export async function renderConversionPage(report: ConversionReport): Promise<string> {
	const { document, table } = describeConversion(report);
	const chart = conversionCurveChart(report.plain, curvePoints(report), table);
	const curve: PageSection[] =
		chart === null ? [] : [{ id: 'curve', heading: 'Accuracy, spikes and energy by timesteps', body: await figure(chart) }];
	const sections = document.sections.map((section, at) =>
		documentSection(at === 0 && chart !== null ? { ...section, heading: 'Numbers' } : section, `part-${at + 1}`),
	);
	return pageElement({
		title: `What ${shortModelName(report.source)} costs as a spiking network`,
		subtitle: `${report.method}; ${formatCount(report.plain.run.samples)} samples of ${report.plain.data.source}; the spiking network is ${report.result}`,
		opening: cards(answers(report)),
		sections: [...curve, ...sections],
		generator: `${tool.name} ${tool.version}`,
	});
}

/** The plain network, and the spiking one as the file holds it. */
function answers(report: ConversionReport): Card[] {
	const last = curvePoints(report).at(-1)?.analysis;
	const energy = (analysis: ConversionReport['plain'] | undefined) => analysis?.estimates[0]?.energyPerInferenceJoules.nominal;
	const [plain, spiking] = [energy(report.plain), energy(last)];
	const accuracy = (analysis: ConversionReport['plain'] | undefined): string => {
		const value = analysis ? accuracyOf(analysis) : null;
		return value === null ? '' : `accuracy ${formatAccuracyPercent(value)}`;
	};
	const profile = report.plain.estimates[0]?.profile ?? '';
	return [
		...(plain === undefined
			? []
			: [{ label: 'Plain network', value: formatQuantity(plain, 'J'), detail: accuracy(report.plain) }]),
		...(spiking === undefined || !last
			? []
			: [{ label: `Spiking network, T = ${last.run.timesteps}`, value: formatQuantity(spiking, 'J'), detail: accuracy(last) }]),
		...(plain === undefined || spiking === undefined
			? []
			: [
					{
						label: 'Plain ÷ spiking',
						value: formatRatio(ratioOrNull(plain, spiking) ?? 0),
						detail: `energy per inference on ${profile}`,
					},
				]),
	];
}
