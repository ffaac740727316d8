import { render } from 'preact';
import { App } from './app.tsx';
import { begin } from './begin.ts';
import { emptyPage, keepEmptyPage } from './saved-page.ts';

// Before anything is drawn: what "save this page" fills again.
keepEmptyPage(emptyPage());
const place = document.getElementById('app');
if (place) {
	place.replaceChildren();
	render(<App />, place);
	void begin();
}
