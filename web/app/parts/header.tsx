import { signal } from '@preact/signals';
import { openClaim } from '../claim.ts';
import { examples, showExample } from '../examples.ts';
import { named } from '../files.ts';
import { canCount, prepareCounting, takeFiles } from '../state.ts';

type Scheme = 'system' | 'light' | 'dark';
const next: Readonly<Record<Scheme, Scheme>> = { system: 'dark', dark: 'light', light: 'system' };
const scheme = signal<Scheme>('system');

function turn(): void {
	scheme.value = next[scheme.value];
	if (scheme.value === 'system') delete document.documentElement.dataset.scheme;
	else document.documentElement.dataset.scheme = scheme.value;
}

export function Header() {
	return (
		<header class="top">
			<a class="skip" href="#content">
				Skip to the answer
			</a>
			<h1>
				<Icon /> snn-energy
			</h1>
			<OpenButton />
			<Examples />
			{canCount() && (
				<button type="button" data-testid="open-claim" onClick={() => openClaim()}>
					Check a claim
				</button>
			)}
			<button type="button" class="quiet" onClick={turn} title="Colours: light, dark, or as the system has it">
				<span class="visually-hidden">Colours: </span>
				<span aria-hidden="true">◐</span> {scheme}
			</button>
		</header>
	);
}

const Icon = () => (
	<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
		<rect width="32" height="32" rx="7" fill="#00568a" />
		<path
			d="M5 21h6l3-13 4 17 3-9 2 5h4"
			fill="none"
			stroke="#fff"
			stroke-width="2.6"
			stroke-linejoin="round"
			stroke-linecap="round"
		/>
	</svg>
);

export function OpenButton() {
	return (
		<label class="button primary">
			Open files
			<input
				class="hidden"
				type="file"
				multiple
				data-testid="files"
				onClick={prepareCounting}
				onChange={(event) => {
					const { files } = event.currentTarget;
					void takeFiles([...(files ?? [])].map(named));
					event.currentTarget.value = '';
				}}
			/>
		</label>
	);
}

export function Examples() {
	if (!canCount()) return null;
	return (
		<nav class="examples" aria-label="Examples">
			<span>Examples:</span>
			{examples.map(({ id, title }) => (
				<button key={id} type="button" data-example={id} onClick={() => void showExample(id)}>
					{title}
				</button>
			))}
		</nav>
	);
}
