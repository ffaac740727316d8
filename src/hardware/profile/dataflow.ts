import { files } from '#platform/files';
import { UserError } from '../../errors.ts';
import type { Assumption } from '../estimate.ts';
import * as messages from '../messages.ts';
import type { Dataflow, Profile } from './types.ts';

/** "45nm-memory:weight-stationary" names a dataflow of a profile; the name of a file that exists is taken as it is. */
export function splitDataflow(text: string): { readonly name: string; readonly dataflow: string | null } {
	const match = /^(.+[^:]):([a-z][a-z0-9-]*)$/.exec(text);
	if (!match || files.exists(text)) return { name: text, dataflow: null };
	return { name: match[1] ?? text, dataflow: match[2] ?? null };
}

const variants = new WeakMap<Profile, Map<string, Profile>>();

/**
 * The same hardware computing in another order. The profile's name then carries the dataflow, so that a saved result
 * says which it was and can be priced again.
 *
 * @throws UserError naming the dataflows there are
 */
export function withDataflow(profile: Profile, name: string): Profile {
	const known = variants.get(profile) ?? new Map<string, Profile>();
	variants.set(profile, known);
	const built = known.get(name) ?? build(profile, name);
	known.set(name, built);
	return built;
}

function build(profile: Profile, name: string): Profile {
	const { name: bare } = splitDataflow(profile.name);
	const flow = profile.dataflows.find((candidate) => candidate.name === name);
	if (!flow) {
		const names = profile.dataflows.map((candidate) => candidate.name);
		throw new UserError(messages.unknownDataflow(bare, name, names));
	}
	const others = new Set(profile.dataflows.flatMap(({ includes }) => includes));
	const sentences = new Set(profile.dataflows.map((other) => dataflowAssumption(bare, other).sentence));
	return {
		...profile,
		name: `${bare}:${name}`,
		title: `${profile.title}, ${flow.title}`,
		memory: flow.memory,
		dataflow: name,
		includes: [...profile.includes.filter((event) => !others.has(event)), ...flow.includes],
		assumptions: [...profile.assumptions.filter(({ sentence }) => !sentences.has(sentence)), dataflowAssumption(bare, flow)],
	};
}

/** What a reader must know of the order a figure rests on. */
export function dataflowAssumption(profile: string, { name, title, summary }: Dataflow): Assumption {
	return { sentence: `Dataflow ${name} (${title}): ${summary}`, change: `--profile ${profile}:NAME` };
}
