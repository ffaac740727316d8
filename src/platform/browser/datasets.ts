import type { DataRequest } from '../../open-data.ts';
import type { LabelArray } from '../../simulation/array-samples.ts';
import type { OpenedData } from '../../simulation/fit-data.ts';

/** There are none: a page has arrays only. */
export const openDataset = async (
	_request: DataRequest,
	_labelsOf: (path: string) => Promise<LabelArray>,
): Promise<OpenedData | null> => null;
