import type { Argv } from 'yargs';
import { subcommandOf } from './command-help.ts';
import { type Declared, declaredOn, optionNames } from './declared.ts';
import { namesOfOption, namesOfPositional } from './known-names.ts';
import { nameOf, verbGroups, verbNamed, verbOf } from './verbs.ts';

/** What a shell evaluates to complete command lines; each asks the program what may stand next. */
export const completionScripts: Readonly<Record<string, string>> = {
	bash: `_snn_energy() {
	local IFS=$'\\n' word words=() current="\${COMP_WORDS[COMP_CWORD]}"
	[ "$current" = "=" ] && current=""
	for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current"; do [ "$word" = "=" ] || words+=("$word"); done
	COMPREPLY=()
	for word in $("\${COMP_WORDS[0]}" --complete "\${words[@]}" 2>/dev/null); do
		if [ "$word" = ":files" ]; then
			compopt -o filenames 2>/dev/null
			COMPREPLY+=($(compgen -f -- "$current"))
		else
			COMPREPLY+=("$word")
		fi
	done
}
complete -F _snn_energy snn-energy
`,
	zsh: `#compdef snn-energy
_snn_energy() {
	local -a found names
	found=("\${(@f)$("\${words[1]}" --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
	names=("\${(@)found:#:files}")
	compadd -a names
	(( \${found[(Ie):files]} )) && _files
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _snn_energy snn-energy
`,
};

/** Stands for the names of files, which the shell knows. */
const files = ':files';

/**
 * What may stand for the last of some words, each on a line for a shell.
 *
 * @param words  those behind the program's name; the last is the one to complete, perhaps empty
 */
export async function completions(words: readonly string[], newParser: () => Argv): Promise<string[]> {
	const current = words.at(-1) ?? '';
	const before = words.slice(0, -1).filter((word) => word !== '');
	const begun = (names: readonly string[]): string[] => names.filter((name) => name.startsWith(current));
	const verb = verbNamed(before[0] === 'help' ? before[1] : before[0]);
	if (verb === undefined) {
		const verbs = verbGroups.flatMap((group) => group.verbs.map(nameOf));
		return before.length > 0 && before[0] !== 'help' ? [] : begun([...verbs, 'help', '--help', '--version', '--completion']);
	}
	const { command, path } = subcommandOf(await verb.load(), before.slice(1));
	const below = (command.subcommands ?? []).map((one) => verbOf(one.command));
	if (before.length === 1 && below.length > 0 && !current.startsWith('-')) return begun(below);
	const declared = declaredOn(command.builder(newParser()));
	const option = takesValue(before.at(-1), declared);
	if (option !== null) return valuesOf(path, option, current, declared);
	if (!current.startsWith('-')) {
		const known = namesOfPositional(path);
		return known ? begun(await known.names()) : [files];
	}
	const { array } = declared.getOptions();
	const open = optionNames(declared).filter((name) => array.includes(name) || !before.includes(`--${name}`));
	return begun([...open.map((name) => `--${name}`), '--help', '--help-all']);
}

/** The option whose value comes next; null where none does. */
function takesValue(word: string | undefined, declared: Declared): string | null {
	const { alias, boolean } = declared.getOptions();
	const name = optionNames(declared).find(
		(one) => word === `--${one}` || (alias[one] ?? []).some((other) => word === `${other.length === 1 ? '-' : '--'}${other}`),
	);
	return name === undefined || boolean.includes(name) ? null : name;
}

/** The last of several values separated by commas is completed. */
async function valuesOf(path: string, option: string, current: string, declared: Declared): Promise<string[]> {
	const { choices, number } = declared.getOptions();
	const known = namesOfOption(path, option);
	const listed = choices[option] ?? [];
	const comma = known?.listed ? current.lastIndexOf(',') + 1 : 0;
	const [head, tail] = [current.slice(0, comma), current.slice(comma)];
	const all = listed.length > 0 ? listed : ((await known?.names()) ?? []);
	const names = all.map(String).filter((name) => name.startsWith(tail));
	const takesFiles = listed.length === 0 && !number.includes(option) && (known?.files ?? known === undefined);
	return [...names.map((name) => `${head}${name}`), ...(takesFiles ? [files] : [])];
}
