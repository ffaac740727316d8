import type { Ref } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
	architectureOfActivity,
	type ClaimCheck,
	checkRequest,
	claimArchitectureExamples,
	claimArchitectureForms,
} from '../../../src/claims/index.ts';
import { UserError } from '../../../src/errors.ts';
import { describeCheck } from '../../../src/reporting/check-document.ts';
import { type DocumentFormat, renderDocument } from '../../../src/reporting/formats.ts';
import type { Block } from '../../../src/reporting/table.ts';
import {
	type ClaimWords,
	claimCommand,
	closeClaim,
	emptyClaim,
	encodeClaim,
	formProblem,
	inFormWords,
	requestOf,
} from '../claim.ts';
import { download } from '../exports.ts';
import { current, runs } from '../state.ts';
import { Command, Copy } from './command.tsx';
import { TableView } from './table.tsx';

interface Checked {
	readonly words: ClaimWords;
	readonly result: ClaimCheck | null;
	/** Why there is none. */
	readonly problem: string | null;
}

/** @throws nothing: what a form cannot be checked for is a sentence */
function checked(words: ClaimWords): Checked {
	const problem = formProblem(words);
	if (problem !== null) return { words, result: null, problem };
	try {
		const run = words.network === 'open' ? current.value : null;
		const model = run ? { model: architectureOfActivity(run.activity) } : {};
		return { words, result: checkRequest({ ...requestOf(words), ...model }), problem: null };
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return { words, result: null, problem: inFormWords(error.message, words) };
	}
}

const nothingWritten = ({ claim, network }: ClaimWords): boolean => claim.trim() === '' && network === 'none';

const published: readonly (readonly [title: string, words: Partial<ClaimWords>])[] = [
	['Spikformer-8-512', { claim: '11.09 G OPs, 11.58 mJ, T=4, 29.68 M params', network: 'arch', arch: 'spikformer-8-512' }],
	['Spikformer-8-768', { claim: '22.09 G OPs, 21.48 mJ, T=4, 66.34 M params', network: 'arch', arch: 'spikformer-8-768' }],
	['Numbers alone', { claim: '1.186 G OPs, 0.523 mJ' }],
];

/** The claim checker: a form, and what it finds. */
export function ClaimSection({ opened }: { readonly opened: ClaimWords }) {
	const [words, setWords] = useState(opened);
	const [found, setFound] = useState<Checked | null>(() => (nothingWritten(opened) ? null : checked(opened)));
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => field.current?.focus(), []);
	const check = (asked: ClaimWords): void => {
		const next = checked(asked);
		setWords(asked);
		setFound(next);
		if (next.result && asked.network !== 'open') history.replaceState(null, '', encodeClaim(asked));
	};
	const write = (change: Partial<ClaimWords>): void => setWords({ ...words, ...change });
	const stale = found !== null && found.words !== words;
	return (
		<section class="claim" aria-labelledby="claim-title">
			<div class="heading">
				<h2 id="claim-title">Check a claim</h2>
				<button type="button" class="quiet" onClick={closeClaim}>
					Close
				</button>
			</div>
			<p class="muted">
				Numbers as a paper prints them, and what is known of the network. The check says which published formula gives the energy,
				what that formula leaves out, and which numbers cannot all be true.
			</p>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					check(words);
				}}
			>
				<TextField
					name="claim"
					title="Printed numbers, with units"
					placeholder="5.5 G SOP, 11.58 mJ, T=4"
					words={words}
					write={write}
					wide
					inputRef={field}
				/>
				<NetworkFields words={words} write={write} />
				<div class="submit">
					<button type="submit" class="primary" data-testid="check-claim">
						Check
					</button>
					<span class="muted">Published rows:</span>
					{published.map(([title, row]) => (
						<button key={title} type="button" data-claim={title} onClick={() => check({ ...emptyClaim, ...row })}>
							{title}
						</button>
					))}
				</div>
			</form>
			{found?.problem && !stale && (
				<div class="notice error" role="alert">
					<p>{found.problem}</p>
				</div>
			)}
			{found?.result && <Result words={found.words} result={found.result} stale={stale} />}
		</section>
	);
}

interface Fields {
	readonly words: ClaimWords;
	readonly write: (change: Partial<ClaimWords>) => void;
}

function NetworkFields({ words, write }: Fields) {
	const open = runs.value.length > 0 ? (current.value?.activity.model.file ?? null) : null;
	const { network } = words;
	return (
		<>
			<div class="fields">
				<label>
					<span class="field-name">Network</span>
					<select
						value={network}
						data-testid="claim-network"
						onChange={(event) => write({ network: event.currentTarget.value as ClaimWords['network'] })}
					>
						<option value="none">not given</option>
						<option value="arch">a published architecture</option>
						<option value="layers">a list of layers</option>
						{open !== null && <option value="open">{open}, open here</option>}
					</select>
				</label>
				{network === 'arch' && (
					<TextField
						name="arch"
						title="Architecture, @pixels, /classes"
						placeholder="spikformer-8-512, vgg16@32/100"
						words={words}
						write={write}
						explained={claimArchitectureForms.join('\n')}
						suggested={claimArchitectureExamples}
					/>
				)}
				<TextField name="timesteps" title="Timesteps, unless above" placeholder="4" words={words} write={write} />
				<TextField name="price" title="Other prices, MAC,AC" placeholder="12.5pJ,77fJ" words={words} write={write} />
			</div>
			{network === 'layers' && (
				<ListField
					id="layers"
					title="Layers: a CSV with the header name,macs (and input, kind, parameters, neurons, rate), or YAML"
					placeholder={'name,macs,rate\nconv1,1.77 M,\nconv2,37.7 M,0.12'}
					value={words.layers}
					write={(layers, layersFile = words.layersFile) => write({ layers, layersFile })}
				/>
			)}
			{network !== 'none' && (
				<ListField
					id="rates"
					title="Firing rates: one for all layers, one for each in their order, or lines of layer,rate"
					placeholder="0.2"
					value={words.rates}
					write={(rates, ratesFile = words.ratesFile) => write({ rates, ratesFile })}
				/>
			)}
			{network !== 'none' && words.rates.trim() !== '' && (
				<label class="check">
					<input type="checkbox" checked={words.summed} onChange={(event) => write({ summed: event.currentTarget.checked })} />{' '}
					These rates are spikes summed over all timesteps, as some papers print them
				</label>
			)}
		</>
	);
}

/** A line of the form. */
function TextField({
	name,
	title,
	placeholder,
	words,
	write,
	wide = false,
	explained,
	suggested,
	inputRef = null,
}: Fields & {
	readonly name: 'claim' | 'arch' | 'timesteps' | 'price';
	readonly title: string;
	readonly placeholder: string;
	readonly wide?: boolean;
	/** What the field takes, as a tooltip. */
	readonly explained?: string;
	/** What the browser offers while one writes. */
	readonly suggested?: readonly string[];
	readonly inputRef?: Ref<HTMLInputElement>;
}) {
	const id = name === 'claim' ? name : `claim-${name}`;
	return (
		<label {...(wide && { class: 'wide' })}>
			<span class="field-name">{title}</span>
			<input
				ref={inputRef}
				type="text"
				{...(name === 'timesteps' && { inputMode: 'numeric' })}
				{...(suggested && { list: `${id}-names` })}
				data-testid={id}
				placeholder={placeholder}
				{...(explained && { title: explained })}
				value={words[name]}
				onInput={(event) => write({ [name]: event.currentTarget.value })}
			/>
			{suggested && (
				<datalist id={`${id}-names`}>
					{suggested.map((one) => (
						<option key={one} value={one} />
					))}
				</datalist>
			)}
		</label>
	);
}

/** A text that may come from a file. */
function ListField(props: {
	readonly id: string;
	readonly title: string;
	readonly placeholder: string;
	readonly value: string;
	readonly write: (text: string, file?: string) => void;
}) {
	const { id, title, placeholder, value, write } = props;
	return (
		<div class="list">
			<div class="head">
				<label class="field-name" for={`claim-${id}`}>
					{title}
				</label>
				<label class="button">
					From a file
					<input
						class="hidden"
						type="file"
						accept=".csv,.tsv,.txt,.yaml,.yml,.json"
						data-testid={`claim-${id}-file`}
						onChange={async (event) => {
							const [file] = event.currentTarget.files ?? [];
							if (file) write(await file.text(), file.name);
						}}
					/>
				</label>
			</div>
			<textarea
				id={`claim-${id}`}
				data-testid={`claim-${id}`}
				rows={Math.min(8, Math.max(1, placeholder.split('\n').length, value.split('\n').length))}
				placeholder={placeholder}
				value={value}
				onInput={(event) => write(event.currentTarget.value)}
			/>
		</div>
	);
}

const forms: readonly (readonly [format: DocumentFormat, title: string, file: string, type: string])[] = [
	['json', 'JSON', 'claim.json', 'application/json'],
	['csv', 'CSV', 'claim.csv', 'text/csv'],
	['markdown', 'Markdown', 'claim.md', 'text/markdown'],
	['latex', 'LaTeX', 'claim.tex', 'application/x-tex'],
];

function Result({ words, result, stale }: { readonly words: ClaimWords; readonly result: ClaimCheck; readonly stale: boolean }) {
	const printable = describeCheck(result);
	const [verdict, findings, ...others] = printable.document.sections;
	const broken = result.findings.some(({ severity }) => severity === 'contradiction');
	return (
		<div class="result" data-stale={stale} data-testid="claim-result">
			{stale && (
				<p role="status" class="muted">
					The form has changed. Check it again.
				</p>
			)}
			<p class={`verdict ${broken ? 'broken' : ''}`} role="status">
				{result.verdict}
			</p>
			{result.findings.length > 0 ? (
				<ul class="findings">
					{result.findings.map(({ severity, sentence }) => (
						<li key={sentence} class={severity}>
							<strong>{severity === 'contradiction' ? 'Contradiction' : 'Remark'}</strong> {sentence}
						</li>
					))}
				</ul>
			) : (
				findings?.blocks.map((block, at) => <BlockView key={at} block={block} label="" />)
			)}
			{others.map(({ heading, blocks }) => (
				<section key={heading} aria-label={heading}>
					<h3>{heading}</h3>
					{blocks.map((block, at) => (
						<BlockView key={at} block={block} label={heading} />
					))}
				</section>
			))}
			{verdict && result.architecture && (
				<section aria-label="Network">
					<h3>Network</h3>
					{verdict.blocks.map((block, at) => (
						<BlockView key={at} block={withoutVerdict(block)} label="Network" />
					))}
				</section>
			)}
			<div class="exports">
				{forms.map(([format, title, file, type]) => (
					<button
						key={format}
						type="button"
						data-claim-export={format}
						onClick={async () => download(file, await renderDocument(printable, format), type)}
					>
						{title}
					</button>
				))}
				<Copy label="Copy link" text={() => `${location.href.split('#')[0]}${encodeClaim(words)}`} />
			</div>
			{words.network === 'open' && <p class="muted small">The link carries the numbers, not the network.</p>}
			<p class="muted small">The same on the command line:</p>
			<Command text={claimCommand(words, current.value?.activity.model.file ?? null)} />
		</div>
	);
}

/** The verdict stands above already. */
const withoutVerdict = (block: Block): Block =>
	block.kind === 'facts' ? { ...block, facts: block.facts.filter(({ strong }) => !strong) } : block;

function BlockView({ block, label }: { readonly block: Block; readonly label: string }) {
	switch (block.kind) {
		case 'paragraph':
			return <p>{block.text}</p>;
		case 'list':
			return (
				<ul>
					{block.items.map((item) => (
						<li key={item}>{item}</li>
					))}
				</ul>
			);
		case 'facts':
			return (
				<dl class="pairs">
					{block.facts.map(({ label: name, text }) => (
						<div key={name}>
							<dt>{name}</dt>
							<dd>{text}</dd>
						</div>
					))}
				</dl>
			);
		case 'table':
			return <TableView table={block.table} label={label} />;
	}
}
