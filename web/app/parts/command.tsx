import { useState } from 'preact/hooks';

/** A command line with a button that copies it. */
export function Command({ text }: { readonly text: string }) {
	return (
		<div class="command">
			<code>{text}</code>
			<Copy text={text} label="Copy" />
		</div>
	);
}

export function Copy({ text, label }: { readonly text: string | (() => string | Promise<string>); readonly label: string }) {
	const [copied, setCopied] = useState(false);
	const copy = async (): Promise<void> => {
		await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
		setCopied(true);
		setTimeout(() => setCopied(false), 1500);
	};
	return (
		<button type="button" onClick={() => void copy()}>
			{copied ? 'Copied' : label}
		</button>
	);
}
