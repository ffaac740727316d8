import type { RunField } from '../run-options.ts';

/** The control of one option of a run. */
export function Field(props: {
	readonly field: RunField;
	readonly value: string;
	readonly placeholder?: string | undefined;
	readonly id: string;
	readonly change: (value: string) => void;
}) {
	const { field, value, id, change } = props;
	const { title, input, example } = field;
	return (
		<label for={id}>
			<span>{title}</span>
			{typeof input === 'object' ? (
				<select id={id} value={value} onChange={(event) => change(event.currentTarget.value)}>
					{input.map(([name, words]) => (
						<option key={name} value={name}>
							{words}
						</option>
					))}
				</select>
			) : (
				<input
					id={id}
					type="text"
					inputMode={input === 'number' ? 'decimal' : 'text'}
					placeholder={props.placeholder ?? example ?? ''}
					value={value}
					onInput={(event) => change(event.currentTarget.value)}
				/>
			)}
		</label>
	);
}
