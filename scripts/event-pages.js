// What the table of events (src/activity/events.ts) says in other files, as `npm run tables` writes and checks them: the fields of
// the JSON Schema of a result, and the names a formula knows, in docs/profiles.md.
import { readFileSync } from 'node:fs';
import { neuronNames, reuseNames, synapticNames } from '../dist/activity/counts.js';
import { neuronEvents, reuseEvents, synapticEvents } from '../dist/activity/events.js';
import { layerVocabulary } from '../dist/hardware/profile/vocabulary.js';

export const eventPages = () => [
	page('src/reporting/schemas/analysis.schema.json', withCounts),
	page('docs/profiles.md', withNames),
];

function page(file, change) {
	const before = readFileSync(file, 'utf8');
	return { file, before, text: change(before) };
}

const rows = { ...synapticEvents, ...reuseEvents, ...neuronEvents };

function withCounts(text) {
	const schema = JSON.parse(text);
	const { synapticCounts, neuronCounts, reuseCounts } = schema.$defs;
	setCounts(schema.properties.totals, [...synapticNames, ...neuronNames]);
	setCounts(synapticCounts, synapticNames);
	setCounts(neuronCounts, neuronNames);
	setCounts(reuseCounts, reuseNames);
	return `${onFewLines(JSON.stringify(schema, null, '\t'))}\n`;
}

function setCounts(node, names) {
	node.properties = Object.fromEntries(names.map((name) => [name, { $ref: '#/$defs/count' }]));
	// Results of earlier versions lack what was added later.
	node.required = names.filter((name) => !rows[name].added);
}

/** Lists of names on one line where they fit, as the formatter of the sources has them. */
function onFewLines(text) {
	return text.replace(/^(\t*)(.*)\[\n((?:\t+"[^"]*",?\n)+)\t*\](,?)$/gm, (whole, indent, start, rows, comma) => {
		const line = `${start}[${rows
			.trim()
			.split(/\s*\n\s*/)
			.join(' ')}]${comma}`;
		return indent.length * 2 + line.length <= 130 ? indent + line : whole;
	});
}

function withNames(text) {
	const names = layerVocabulary.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`);
	return text.replace(/(\| name +\| meaning +\|\n\| -+ \| -+ \|\n)(?:\|.*\n)+/, (_, head) => `${head}${names.join('\n')}\n`);
}
