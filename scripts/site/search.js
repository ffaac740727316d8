// Runs in the page: finds sections as one types; Enter opens the first, arrows choose.
(() => {
	const input = document.querySelector('input[type=search]');
	const found = document.getElementById('found');
	const index = MiniSearch.loadJSON(window.searchIndex, window.searchOptions);
	const up = document.body.dataset.up;
	const menu = document.querySelector('details.menu');
	if (matchMedia('(max-width: 800px)').matches) menu.open = false;

	function excerpt(text, terms) {
		const at = Math.max(0, ...terms.map((term) => text.toLowerCase().indexOf(term)));
		const start = Math.max(0, at - 40);
		return `${start > 0 ? '…' : ''}${text.slice(start, start + 130)}`;
	}

	function show() {
		const results =
			input.value.trim() === '' ? [] : index.search(input.value, { prefix: true, fuzzy: 0.15, boost: { title: 3, page: 1.5 } });
		found.replaceChildren(
			...results.slice(0, 12).map(({ title, page, address, text, terms }) => {
				const item = document.createElement('li');
				const link = document.createElement('a');
				link.className = 'result';
				link.href = `${up}/${address}`;
				const head = document.createElement('strong');
				head.textContent = page === title ? title : `${page} › ${title}`;
				const words = document.createElement('span');
				words.textContent = excerpt(text, terms);
				link.append(head, words);
				item.append(link);
				return item;
			}),
		);
		if (results.length === 0 && input.value.trim() !== '') {
			const item = document.createElement('li');
			item.textContent = 'Nothing was found.';
			found.append(item);
		}
		found.hidden = input.value.trim() === '';
	}

	input.addEventListener('input', show);
	document.addEventListener('keydown', (event) => {
		const typing = document.activeElement === input;
		if (event.key === '/' && !typing) {
			event.preventDefault();
			input.focus();
		}
		if (event.key === 'Escape') {
			input.value = '';
			show();
		}
		const links = [...found.querySelectorAll('a')];
		if (event.key === 'Enter' && typing) links[0]?.click();
		const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (move && !found.hidden && links.length > 0) {
			event.preventDefault();
			const at = links.indexOf(document.activeElement) + move;
			(links[at] ?? input).focus();
		}
	});
	document.addEventListener('click', (event) => {
		if (!event.target.closest('.search')) found.hidden = true;
	});
})();
