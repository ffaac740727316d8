/** One network under every dataflow of a profile, as a result of its own. */

import type { DataflowStudy } from '../hardware/dataflow-study.ts';
import { bandEnergyWords, bandRatioWords, dataflowTable, signSentence } from './band.ts';
import type { Printable } from './printable.ts';

export function describeDataflows(study: DataflowStudy): Printable {
	const table = dataflowTable(study);
	const ratio = bandRatioWords(study);
	const sign = signSentence(study, null);
	const answer = [
		`The network needs ${bandEnergyWords(study)} per inference, by the order in which the machine computes${ratio === null ? '' : `; DNN ÷ SNN ${ratio}`}.`,
		...(sign === null ? [] : [sign]),
	];
	return {
		record: study,
		table,
		document: {
			title: `Dataflows of ${study.memoryProfile}`,
			sections: [
				{ heading: 'Answer', blocks: [{ kind: 'paragraph', text: answer.join(' ') }] },
				{ heading: 'Dataflows', blocks: [{ kind: 'table', table }] },
			],
		},
	};
}
