import { UserError } from './errors.ts';

/** What an option may be, in words and as a check. */
interface Rule {
	readonly expected: string;
	readonly allows: (value: unknown) => boolean;
}

const whole = (): Rule => ({
	expected: 'a whole number of at least 1',
	allows: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
});

const oneOf = (...choices: readonly string[]): Rule => ({
	expected: `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`,
	allows: (value) => choices.includes(value as string),
});

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const text: Rule = { expected: 'text', allows: isText };
const texts: Rule = { expected: 'a list of texts', allows: (value) => Array.isArray(value) && value.every(isText) };
const callback: Rule = { expected: 'a function', allows: (value) => typeof value === 'function' };

/** Every option of the library's verbs; the command line checks its own by the same rules. */
const rules = {
	timesteps: whole(),
	states: texts,
	output: text,
	readout: oneOf('sum', 'last'),
	dt: {
		expected: 'a length of time in seconds above 0, such as 1e-4',
		allows: (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
	},
	reset: oneOf('zero', 'subtract'),
	data: text,
	labels: text,
	samples: whole(),
	batch: whole(),
	reshape: text,
	channels: oneOf('first', 'last'),
	scale: {
		expected: 'a number above 0, such as 255',
		allows: (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
	},
	normalize: text,
	assumeRate: { expected: 'true or false', allows: (value) => typeof value === 'boolean' },
	bins: whole(),
	binTime: text,
	binBy: oneOf('time', 'count'),
	binValues: text,
	polarities: { expected: '1 or 2', allows: (value) => value === 1 || value === 2 },
	sensor: text,
	downscale: text,
	crop: text,
	dataDir: text,
	encoder: oneOf('once', 'every-step'),
	spikeTest: oneOf('element', 'timestep', 'layer'),
	graded: oneOf('mac', 'ac'),
	densities: { expected: 'true or false', allows: (value) => typeof value === 'boolean' },
	shard: {
		expected: 'the k-th of n shares, { index: k, of: n } with whole numbers',
		allows: (value) => {
			const { index, of } = (value ?? {}) as { readonly index?: number; readonly of?: number };
			return (
				Number.isSafeInteger(index) && Number.isSafeInteger(of) && (index as number) >= 1 && (index as number) <= (of as number)
			);
		},
	},
	threads: whole(),
	readers: { expected: 'a whole number', allows: (value) => Number.isSafeInteger(value) && (value as number) >= 0 },
	jobs: whole(),
	signal: { expected: 'an AbortSignal', allows: (value) => value instanceof AbortSignal },
	onProgress: callback,
	profiles: texts,
	set: texts,
} satisfies Readonly<Record<string, Rule>>;

/**
 * Checks options of a library call or of a command, whichever of them are there; others are left to who knows them.
 *
 * @param naming  how a message calls an option: `timesteps` in the library, `--timesteps` on the command line
 * @throws UserError naming the option, what was found and what is expected
 */
export function checkOptions(options: object, naming: (name: string) => string = (name) => name): void {
	for (const [name, rule] of Object.entries(rules)) {
		const value = (options as Readonly<Record<string, unknown>>)[name];
		if (value === undefined || rule.allows(value)) continue;
		const found = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
		throw new UserError(`${naming(name)} ${typeof value === 'number' ? String(value) : found}: expected ${rule.expected}.`, {
			exitCode: 2,
		});
	}
}
