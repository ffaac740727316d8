/** Every sentence the hardware folder can say to a user, outside the chip and validation folders. */

const place = (file: string, line: number): string => `${file}:${line}`;

export const cannotReadProfile = (file: string, reason: string): string =>
	`${file} cannot be read (${reason}). "snn-energy profiles" lists the profiles that ship with the tool.`;

export const invalidYaml = (file: string, line: number, reason: string): string =>
	`${place(file, line)}: this is not valid YAML: ${reason}`;

export const notAMapping = (file: string): string =>
	`${file}:1: a hardware profile is a YAML mapping with name, title, constants and energy; this file holds something else.`;

export const schemaViolation = (file: string, line: number, where: string, problem: string): string =>
	`${place(file, line)}: ${where} ${problem}.`;

export const unknownProfile = (name: string, nearest: readonly string[], known: readonly string[]): string =>
	`There is no hardware profile "${name}". ${
		nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}?` : `The profiles are ${known.join(', ')}.`
	} "snn-energy profiles" lists them all; a file is named by its path, e.g. ./mychip.yaml.`;

export const cyclicExtends = (file: string, line: number, chain: readonly string[]): string =>
	`${place(file, line)}: the profile extends itself: ${chain.join(' → ')}. Remove one "extends".`;

export const extendsTooDeep = (file: string, line: number, most: number): string =>
	`${place(file, line)}: the profile extends more than ${most} others in a row; shorten the chain.`;

export const extendsUnknown = (file: string, line: number, name: string, nearest: readonly string[]): string =>
	`${place(file, line)}: the profile extends "${name}", which is neither a profile nor a file beside this one.${
		nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : ''
	}`;

export const dataflowWithoutMemory = (file: string, line: number): string =>
	`${place(file, line)}: the profile has dataflows but no memory section; a dataflow says what is read and written of its stores.`;

export const dataflowStore = (file: string, line: number, flow: string, store: string, missing: boolean): string =>
	missing
		? `${place(file, line)}: dataflow "${flow}" says nothing of store "${store}"; give its reads and writes, or {} if it is never touched.`
		: `${place(file, line)}: dataflow "${flow}" names the store "${store}", which the memory section does not have.`;

export const unknownDataflow = (profile: string, flow: string, known: readonly string[]): string =>
	known.length === 0
		? `Profile ${profile} has no dataflows, so there is no ${profile}:${shorten(flow)}.`
		: `Profile ${profile} has no dataflow "${shorten(flow)}"; it has ${known.join(', ')}.`;

export const otherStructure = (snn: string, dnn: string, difference: string): string =>
	`${shorten(dnn)} is another network than ${shorten(snn)}: ${difference}. Give a run of the same network without spikes (--dnn).`;

export const badQuantity = (file: string, line: number, what: string, text: string): string =>
	`${place(file, line)}: ${what} is "${shorten(text)}"; expected a number with a unit, e.g. 4.6 pJ, 0.9 V, 8 KiB, 1 GHz, or a plain number.`;

export const mixedUnits = (file: string, line: number, what: string, first: string, second: string): string =>
	`${place(file, line)}: ${what} mixes values of ${first} and of ${second}; give all of them one unit.`;

export const intervalOrder = (file: string, line: number, name: string): string =>
	`${place(file, line)}: constant "${name}" needs low ≤ nominal ≤ high; sort its three values.`;

export const negativeConstant = (file: string, line: number, name: string, text: string): string =>
	`${place(file, line)}: constant "${name}" is ${text}; energies, times, powers and sizes cannot be negative.`;

export const oneKindOfValue = (file: string, line: number, name: string): string =>
	`${place(file, line)}: constant "${name}" needs exactly one of value, table and formula.`;

export const tableOnly = (file: string, line: number, name: string, key: string): string =>
	`${place(file, line)}: constant "${name}" has "${key}", which belongs to a table; it has no table.`;

export const badTable = (file: string, line: number, name: string, problem: string): string =>
	`${place(file, line)}: the table of constant "${name}" ${problem}.`;

export const unknownSource = (file: string, line: number, name: string, source: string, known: readonly string[]): string =>
	`${place(file, line)}: constant "${name}" names the source "${source}", which is not under sources (${known.join(', ') || 'there are none'}).`;

export const reservedName = (file: string, line: number, name: string): string =>
	`${place(file, line)}: "${name}" is the name of an event or a function; call the constant something else.`;

export const badFormula = (file: string, line: number, what: string, problem: string): string =>
	`${place(file, line)}: ${what} ${problem}.`;

export const wrongDimension = (
	file: string,
	line: number,
	what: string,
	found: string,
	expected: string,
	advice: string,
): string => `${place(file, line)}: ${what} has ${found}; it must be ${expected}.${advice}`;

export const constantCycle = (file: string, line: number, chain: readonly string[]): string =>
	`${place(file, line)}: these constants are computed from one another: ${chain.join(' → ')}.`;

export const allInBesideOthers = (file: string, line: number, count: number): string =>
	`${place(file, line)}: the profile is all-in, so its one price already contains everything, but it has ${count} energy terms; keep one, or declare scope: per-term.`;

export const allInConstant = (file: string, line: number, term: string, constant: string): string =>
	`${place(file, line)}: term "${term}" uses "${constant}", an all-in price, in a per-term profile; what it contains would be charged twice.`;

export const chargedTwice = (file: string, line: number, term: string, event: string): string =>
	`${place(file, line)}: term "${term}" charges "${event}", which the profile says is included in another price; remove one of the two.`;

export const pricedAndUnpriced = (file: string, line: number, term: string, event: string): string =>
	`${place(file, line)}: term "${term}" charges "${event}", which the profile lists as unpriced; remove one of the two.`;

export const nothingPriced = (file: string): string =>
	`${file}:1: the profile has no energy term; add at least one formula under energy.`;

export const unknownMemoryConstant = (
	file: string,
	line: number,
	level: string,
	role: string,
	name: string,
	expected: string,
): string =>
	`${place(file, line)}: memory level "${level}" names "${name}" as its ${role}; expected a constant that is ${expected}.`;

export const levelCapacity = (file: string, line: number, level: string, last: boolean): string =>
	last
		? `${place(file, line)}: memory level "${level}" is the last and takes what the others cannot hold; remove its capacity.`
		: `${place(file, line)}: memory level "${level}" needs a capacity, so that what exceeds it goes to the next level.`;

export const badOverride = (text: string): string => `--set ${shorten(text)}: expected NAME=VALUE, e.g. --set E_ac=0.4pJ.`;

export const overrideUnknown = (name: string, profile: string, nearest: readonly string[]): string =>
	`--set ${shorten(name)}: profile ${profile} has no constant of that name.${nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : ''} "snn-energy profiles show ${profile}" lists them.`;

export const overrideUnit = (name: string, value: string, found: string, expected: string, example: string): string =>
	`--set ${name}=${shorten(value)}: the value has ${found}; the constant has ${expected}, e.g. --set ${name}=${example}.`;

export const overrideNegative = (name: string, value: string): string =>
	`--set ${name}=${shorten(value)}: energies, times, powers and sizes cannot be negative.`;

export const overrideTable = (name: string, value: string): string =>
	`--set ${name}=${shorten(value)}: the constant is a table; set a factor on its values, e.g. --set ${name}=0.5, or write a profile that extends this one.`;

export const notANumber = (
	file: string,
	line: number,
	term: string,
	layer: string,
	timestep: number | null,
	value: number,
): string =>
	`${place(file, line)}: term "${term}" gives ${value} for ${timestep === null ? layer : `layer "${layer}" at timestep ${timestep}`}; a formula must give a number ≥ 0. Does it divide by a count that can be 0?`;

export const unknownNode = (nanometres: number, smallest: number, largest: number): string =>
	`There is no published scaling to ${nanometres} nm; logic can be scaled between ${smallest} and ${largest} nm.`;

export const notScalable = (profile: string): string =>
	`Profile ${profile} cannot be moved to another technology node: it names no node in nanometres, or none of its constants is marked "scales: logic".`;

export const unknownConstant = (name: string, profile: string, nearest: readonly string[]): string =>
	`Profile ${profile} has no constant "${shorten(name)}" with a single value.${nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : ''} "snn-energy profiles show ${profile}" lists them.`;

export const badSweepValue = (name: string, text: string, expected: string): string =>
	`The value "${shorten(text)}" does not suit ${name}; expected ${expected}.`;

/** Long foreign text must not fill the screen. */
function shorten(text: string): string {
	return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

export const notARun = (file: string): string =>
	`${file} is not a saved run. Write one with "snn-energy analyze MODEL --format json --out FILE", or --save-activity FILE.`;

export const noMemoryModel = (profile: string): string =>
	`Profile ${profile} has no memory model, so it says nothing about traffic; try --profile 45nm-memory.`;

export const noDataflows = (profile: string): string =>
	`Profile ${profile} has no dataflows, so the order of computing makes no difference to it; try --profile 45nm-memory.`;

export const badSweep = (text: string): string =>
	`--sweep ${shorten(text)}: expected VARIABLE=V1,V2,…, e.g. --sweep timesteps=1,2,4 or --sweep onChipCapacity=1MiB,4MiB.`;

export const badDensity = (density: number): string => `--density ${density}: expected a share from 0 to 1.`;

export const trialFailed = (problem: string): string => `${problem} It was tried on a made-up run: pixels, neurons, spikes.`;
export const eventNotCounted = (profile: string, event: string, layer: string, onDemand: boolean): string =>
	`Profile ${profile} prices ${event}, which was not counted for layer "${layer}": analyze the model ${onDemand ? 'with --densities (attention has none)' : 'again with this version'}, or choose another profile.`;
