/** A pure function of an object that is worked out once for each, and forgotten with it. */
export function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
	const known = new WeakMap<Key, { readonly value: Value }>();
	return (key) => {
		const found = known.get(key) ?? { value: make(key) };
		known.set(key, found);
		return found.value;
	};
}
