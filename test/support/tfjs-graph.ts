import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

/** A GraphModel written by hand, as the converter from TensorFlow would. */
export interface GraphDescription {
	readonly nodes: readonly {
		readonly name: string;
		readonly op: string;
		readonly input?: readonly string[];
		readonly attr?: object;
	}[];
	readonly inputs: Readonly<Record<string, readonly number[]>>;
	readonly outputs: readonly string[];
	readonly weights: Readonly<
		Record<string, { readonly shape: readonly number[]; readonly values: readonly number[]; readonly integer?: boolean }>
	>;
}

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');
export const text = (value: string) => ({ s: base64(value) });
export const texts = (...values: string[]) => ({ list: { s: values.map(base64) } });
export const integers = (...values: number[]) => ({ list: { i: values.map(String) } });
export const type = (name = 'DT_FLOAT') => ({ type: name });
export const flag = (value: boolean) => ({ b: value });

/** model.json and the bytes of its weights. */
export function graphModel(description: GraphDescription): { json: object; weightData: ArrayBuffer; weightSpecs: object[] } {
	const { weights, inputs, outputs } = description;
	const constants = Object.entries(weights).map(([name, { integer }]) => ({
		name,
		op: 'Const',
		attr: { dtype: type(integer ? 'DT_INT32' : 'DT_FLOAT') },
	}));
	const placeholders = Object.entries(inputs).map(([name, shape]) => ({
		name,
		op: 'Placeholder',
		attr: { dtype: type(), shape: { shape: { dim: ['-1', ...shape].map((size) => ({ size: String(size) })) } } },
	}));
	const weightSpecs = Object.entries(weights).map(([name, { shape, integer }]) => ({
		name,
		shape,
		dtype: integer ? 'int32' : 'float32',
	}));
	const numbers = Object.values(weights).map(({ values, integer }) =>
		integer ? Int32Array.from(values) : Float32Array.from(values),
	);
	const weightData = Uint8Array.from(numbers.flatMap((array) => [...new Uint8Array(array.buffer)])).buffer;
	const port = (name: string) => ({ name: `${name}:0`, dtype: 'DT_FLOAT' });
	const json = {
		format: 'graph-model',
		generatedBy: 'a test',
		modelTopology: { node: [...placeholders, ...constants, ...description.nodes], versions: { producer: 1 } },
		signature: {
			inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, port(name)])),
			outputs: Object.fromEntries(outputs.map((name) => [name, port(name)])),
		},
	};
	return { json, weightData, weightSpecs };
}

/** Writes the model to a new folder; returns the path of model.json. */
export function saveGraphModel(description: GraphDescription): string {
	const folder = temporaryFolder('tfjs-graph-');
	const { json, weightData, weightSpecs } = graphModel(description);
	writeFileSync(join(folder, 'group1-shard1of1.bin'), new Uint8Array(weightData));
	const path = join(folder, 'model.json');
	writeFileSync(path, JSON.stringify({ ...json, weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }] }));
	return path;
}
