/** Names a user knows: from weights ("conv1.weight"), or from nodes ("/layers.0/conv/Conv"). */

const weightSuffix = /[._/]?(weight|kernel|weights|kernel:0|weight:0)(_quantized|_transposed)?$/i;
/** Names an exporter invents when it has to rename a weight. */
const anonymous = /^(onnx::|_v_|val_|tensor|const(ant)?[._]?\d*|const_fold|\d+$|.*_output_\d+$)/i;

export function synapticName(weight: string, node: string, op: string): string {
	if (!anonymous.test(weight) && weightSuffix.test(weight)) {
		const stripped = weight.replace(weightSuffix, '');
		if (stripped !== '') return stripped;
	}
	const path = nodePath(node, op);
	if (path !== '') return path;
	return anonymous.test(weight) ? node : weight;
}

/** "/features/conv1/Conv" → "features/conv1": the module path without the operator. */
export function nodePath(node: string, op: string): string {
	const parts = node.split('/').filter((part) => part !== '');
	const last = parts.at(-1) ?? '';
	if (parts.length > 1 || last === op || last.startsWith(`${op}_`)) parts.pop();
	// "neuron1.fires", as our own exporter names it, is the firing of neuron1.
	return parts.join('/').replace(decisionSuffix, '');
}

const decisionSuffix = /[._](fires?|spikes?|greater|heaviside)$/i;

export function unique(names: readonly string[]): string[] {
	const seen = new Map<string, number>();
	const taken = new Set(names);
	return names.map((name) => {
		const count = (seen.get(name) ?? 0) + 1;
		seen.set(name, count);
		if (count === 1) return name;
		let suffix = count;
		while (taken.has(`${name}#${suffix}`)) suffix += 1;
		taken.add(`${name}#${suffix}`);
		return `${name}#${suffix}`;
	});
}

/** Wrappers that exporters and trainers put around the user's network; a prefix all layers share says nothing. */
const wrappers = /^(net|module|model|network|_orig_mod)[./]/;

export function withoutWrapper(names: readonly string[]): readonly string[] {
	const stripped = names.map((name) => name.replace(wrappers, ''));
	return names.every((name) => wrappers.test(name)) && stripped.every((name) => name !== '') ? withoutWrapper(stripped) : names;
}
