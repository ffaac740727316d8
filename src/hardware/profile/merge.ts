import type { Link } from './chain.ts';
import type { RawConstant, RawMemory, RawProfile, RawTerms } from './schema.ts';
import type { Origin } from './types.ts';

export interface Placed<T> {
	readonly value: T;
	readonly origin: Origin;
}

type Terms = ReadonlyMap<string, Placed<string | number>>;

/** A chain of profiles as one: the nearest file wins, entry by entry. */
export interface MergedProfile {
	readonly name: string;
	readonly title: string;
	readonly summary: string;
	readonly scope: 'per-term' | 'all-in';
	readonly scopeOrigin: Origin;
	readonly technology: Readonly<Record<string, string>>;
	readonly files: readonly string[];
	readonly sources: ReadonlyMap<string, { citation: string; doi?: string; url?: string; note?: string }>;
	readonly constants: ReadonlyMap<string, Placed<RawConstant> & { readonly lineOf: (entry: readonly string[]) => number }>;
	readonly energy: Terms;
	readonly latency: Terms;
	readonly roofline: Terms;
	readonly inferenceEnergy: Terms;
	readonly inferenceLatency: Terms;
	readonly resources: Terms;
	readonly memory: (Placed<RawMemory> & { readonly lineOf: (entry: readonly string[]) => number }) | null;
	readonly dataflows:
		| (Placed<NonNullable<RawProfile['dataflows']>> & { readonly lineOf: (entry: readonly string[]) => number })
		| null;
	readonly memoryProfile: string | null;
	readonly dense: Placed<NonNullable<RawProfile['dense']>>;
	readonly unpriced: readonly string[];
	readonly includes: readonly string[];
	readonly assumptions: NonNullable<RawProfile['assumptions']>;
	readonly chip: unknown;
}

export function mergeChain(chain: readonly Link[]): MergedProfile {
	const [own] = chain as [Link];
	const originOf = ({ document }: Link, path: readonly string[]): Origin => ({
		file: document.file,
		line: document.lineOf(path),
	});
	const nearest = <Key extends keyof RawProfile>(key: Key): Placed<NonNullable<RawProfile[Key]>> | null => {
		const link = chain.find(({ raw }) => raw[key] !== undefined);
		const value = link?.raw[key];
		return link && value !== undefined ? { value: value as NonNullable<RawProfile[Key]>, origin: originOf(link, [key]) } : null;
	};
	const terms = (pick: (raw: RawProfile) => RawTerms | undefined, path: readonly string[]): Terms => {
		const merged = new Map<string, Placed<string | number>>();
		for (const link of chain.toReversed()) {
			for (const [name, value] of Object.entries(pick(link.raw) ?? {})) {
				if (value === null) merged.delete(name);
				else merged.set(name, { value, origin: originOf(link, [...path, name]) });
			}
		}
		return merged;
	};
	const constants: [string, Placed<RawConstant> & { lineOf: (entry: readonly string[]) => number }][] = chain
		.toReversed()
		.flatMap((link) =>
			Object.entries(link.raw.constants ?? {}).map(([name, value]) => [
				name,
				{
					value,
					origin: originOf(link, ['constants', name]),
					lineOf: (entry: readonly string[]) => link.document.lineOf(['constants', name, ...entry]),
				},
			]),
		);
	const memoryLink = chain.find(({ raw }) => raw.memory !== undefined);
	const flowLink = chain.find(({ raw }) => raw.dataflows !== undefined);
	const scope = nearest('scope');
	return {
		name: own.raw.name,
		title: nearest('title')?.value ?? own.raw.name,
		summary: nearest('summary')?.value ?? '',
		scope: scope?.value ?? 'per-term',
		scopeOrigin: scope?.origin ?? originOf(own, []),
		technology: Object.fromEntries(
			chain.toReversed().flatMap(({ raw }) => Object.entries(raw.technology ?? {}).map(([key, value]) => [key, String(value)])),
		),
		files: chain.map(({ document }) => document.file),
		sources: new Map(chain.toReversed().flatMap(({ raw }) => Object.entries(raw.sources ?? {}))),
		constants: new Map(constants),
		energy: terms((raw) => raw.energy, ['energy']),
		latency: terms((raw) => raw.latency, ['latency']),
		roofline: terms((raw) => raw.roofline, ['roofline']),
		inferenceEnergy: terms((raw) => raw.inference?.energy, ['inference', 'energy']),
		inferenceLatency: terms((raw) => raw.inference?.latency, ['inference', 'latency']),
		resources: terms((raw) => raw.resources, ['resources']),
		memory: memoryLink?.raw.memory
			? {
					value: memoryLink.raw.memory,
					origin: originOf(memoryLink, ['memory']),
					lineOf: (entry) => memoryLink.document.lineOf(['memory', ...entry]),
				}
			: null,
		dataflows: flowLink?.raw.dataflows
			? {
					value: flowLink.raw.dataflows,
					origin: originOf(flowLink, ['dataflows']),
					lineOf: (entry) => flowLink.document.lineOf(['dataflows', ...entry]),
				}
			: null,
		// Not inherited: a profile with other prices than its parent has no companion in the parent's.
		memoryProfile: own.raw.memoryProfile ?? null,
		dense: nearest('dense') ?? { value: {}, origin: originOf(own, []) },
		unpriced: nearest('unpriced')?.value ?? [],
		includes: nearest('includes')?.value ?? [],
		assumptions: nearest('assumptions')?.value ?? [],
		chip: nearest('chip')?.value ?? null,
	};
}
