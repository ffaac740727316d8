import { render } from 'preact';
import { createCounter } from '../worker/client.ts';
import { App } from './app.tsx';
import { begin } from './begin.ts';
import { useCounter } from './state.ts';

useCounter(createCounter(new URL('worker.js', document.baseURI).href));
const place = document.getElementById('app');
if (place) {
	place.replaceChildren();
	render(<App />, place);
	void begin();
	// A link that is opened in a tab of the page loads nothing anew.
	window.addEventListener('hashchange', () => void begin());
}
