import { files } from '#platform/files';
import { join } from '#platform/paths';
import { UserError } from '../errors.ts';
import * as messages from './messages.ts';

/**
 * The model file a path stands for: itself, or for a folder the model in it: model.onnx, else the only .onnx or .nir
 * file, else the model.json of tfjs.
 *
 * @throws UserError for a folder that holds no model, or several and none that is called model.onnx
 */
export function modelFileOf(path: string): string {
	if (!files.isFolder(path)) return path;
	if (files.exists(join(path, 'saved_model.pb'))) throw new UserError(messages.savedModelFolder(path));
	const names = files.list(path).sort();
	if (names.includes('model.onnx')) return join(path, 'model.onnx');
	const models = names.filter((name) => /\.(onnx|nir)$/i.test(name));
	const [only = names.includes('model.json') ? 'model.json' : undefined] = models;
	if (only === undefined) throw new UserError(messages.folderWithoutModel(path));
	if (models.length > 1) throw new UserError(messages.folderWithModels(path, models));
	return join(path, only);
}
