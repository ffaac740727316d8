import { UserError } from '../errors.ts';
import { type Accounting, accountingNames } from '../hardware/index.ts';

/** The accountings named by --accounting, separated by commas; "all" is every one. @throws UserError for unknown names */
export function accountingsOf(option: string): readonly Accounting[];
export function accountingsOf(option: string | undefined): readonly Accounting[] | undefined;
export function accountingsOf(option: string | undefined): readonly Accounting[] | undefined {
	if (option === undefined) return undefined;
	if (option === 'all') return accountingNames;
	return option.split(',').map((name) => {
		const known = accountingNames.find((candidate) => candidate === name.trim());
		if (!known)
			throw new UserError(
				`--accounting ${name.trim()}: there is no such way of counting. Choose from ${accountingNames.join(', ')}, or all.`,
				{ exitCode: 2 },
			);
		return known;
	});
}
