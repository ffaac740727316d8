import { useEffect, useState } from 'preact/hooks';
import { current, pricing, settled } from '../state.ts';

/** What takes longer than a step of a slider: worked out when nothing moves, and shown as it was until then. */
export function useAtRest<Value>(before: Value, workOut: () => Value): Value {
	const [value, setValue] = useState(before);
	const [priced, run, rest] = [pricing.value, current.value, settled.value];
	useEffect(() => {
		if (!rest) return;
		const later = setTimeout(() => setValue(workOut), 30);
		return () => clearTimeout(later);
	}, [priced, run, rest]);
	return value;
}
