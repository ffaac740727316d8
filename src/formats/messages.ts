/** Every sentence a user can meet from the model and data readers shared by all formats, and from ONNX. */

export const fileMissing = (file: string): string => `${file}: there is no such file. Check the path.`;
export const folderWithoutModel = (folder: string): string =>
	`${folder}: the folder holds no .onnx or .nir file and no model.json. Name a model file, or a folder with one.`;
export const folderWithModels = (folder: string, names: readonly string[]): string =>
	`${folder}: the folder holds ${names.length} models (${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}) and none is called model.onnx. Name the one you mean.`;
export const fileUnreadable = (file: string, reason: string): string => `${file}: cannot be read (${reason}).`;
export const notOnnx = (file: string, found: string): string =>
	`${file}: is not an ONNX model: ${found}. Pass a file written by an ONNX exporter; if it was copied, copy it again.`;
export const truncatedOnnx = (file: string, reason: string): string =>
	`${file}: the ONNX file is damaged or cut short (${reason}). Export or copy it again.`;
export const tooLongForOnnx = (length: number): string =>
	`the network would make an ONNX file of ${length} bytes, and such a file holds at most ${2 ** 31 - 1}. Use fewer weights, or weights of fewer bits.`;
export const externalDataMissing = (file: string, tensor: string, location: string): string =>
	`${file}: the weight "${tensor}" is stored in "${location}", which is not there. Put "${location}" next to the model.`;
export const externalDataOutside = (file: string, tensor: string, location: string): string =>
	`${file}: the weight "${tensor}" points at "${location}", outside the model's own folder; that is refused. Store the data next to the model.`;
export const externalDataLink = (file: string, tensor: string, location: string): string =>
	`${file}: the weight "${tensor}" points at "${location}", a symbolic link that leads outside the model's own folder; that is refused. Copy the file it leads to next to the model.`;
export const externalDataUnreadable = (file: string, tensor: string, location: string, reason: string): string =>
	`${file}: the weight "${tensor}" is stored in "${location}", which cannot be read: ${reason}. Put the data file next to the model.`;
export const externalDataRange = (file: string, tensor: string, location: string): string =>
	`${file}: the weight "${tensor}" asks for bytes of "${location}" at an offset or of a length that is not a whole number. Export the model again.`;
export const externalDataShort = (file: string, tensor: string, location: string, found: number, expected: number): string =>
	`${file}: the weight "${tensor}" needs ${expected} bytes from "${location}", which has only ${found} there. Export or copy the data file again.`;
export const tensorSize = (file: string, tensor: string, dims: string, expected: number, found: number): string =>
	`${file}: tensor "${tensor}" of shape [${dims}] needs ${expected} bytes, but the file holds ${found}. Export or copy it again.`;
export const tensorShape = (file: string, tensor: string, dims: string): string =>
	`${file}: tensor "${tensor}" has the impossible shape [${dims}].`;
export const sizeImpossible = (file: string, op: string, node: string, elements: number): string =>
	`${file}: ${op} "${node}" asks for a tensor of ${elements.toPrecision(3)} elements, which no network needs. Export or copy the model again.`;
export const tensorType = (file: string, tensor: string, type: string): string =>
	`${file}: tensor "${tensor}" has element type ${type}, which snn-energy does not read. Export the model with float32, float16 or int8 weights.`;
export const nonFiniteTensor = (file: string, tensor: string, what: string): string =>
	`${file}: weight "${tensor}" holds ${what}; a count or an energy from it would mean nothing. Train or export the model again.`;
export const attributeType = (file: string, node: string, attribute: string): string =>
	`${file}: attribute "${attribute}" of node "${node}" has a type snn-energy does not read.`;
export const sparseInitializer = (file: string): string =>
	`${file}: the model stores sparse initialisers, which snn-energy does not read. Export it with dense weights (zeros are counted as pruned).`;
export const undefinedTensor = (file: string, node: string, tensor: string): string =>
	`${file}: node "${node}" reads "${tensor}", which the file does not contain. Export or copy the model again.`;
export const duplicateTensor = (file: string, node: string, tensor: string): string =>
	`${file}: node "${node}" writes "${tensor}", which is already written elsewhere in the graph. Export the model again.`;
export const storedTwice = (file: string, what: string, name: string): string =>
	`${file}: the ${what} "${name}" is stored twice, and which one is meant cannot be known. Export the model again.`;
export const cyclicGraph = (file: string, node: string): string =>
	`${file}: the graph has a cycle through node "${node}". Export the model again.`;
export const opsetUnsupported = (file: string, opset: number | null, [oldest, newest]: readonly [number, number]): string =>
	opset === null
		? `${file}: the model does not name its operator set (opset). Export it with opset ${oldest} to ${newest}.`
		: `${file}: the model is written in opset ${opset}; snn-energy reads ${oldest} to ${newest}. Export it with --opset 17, or convert it with onnx.version_converter.`;
export const functionNodes = (file: string, most: number): string =>
	`${file}: the model's functions, written out, have more than ${most} nodes, which no network needs. Export the model again.`;
export const functionDepth = (file: string, name: string, deepest: number): string =>
	`${file}: the model's function "${name}" is called through ${deepest} others; no network is nested so deeply. Export the model again.`;
export const functionCycle = (file: string, name: string): string =>
	`${file}: the model's function "${name}" calls itself. Export the model again.`;

const blocks = 'docs/export.md has the block to paste for snnTorch, SpikingJelly, Norse, Sinabs and plain PyTorch';
export const torchFile = (file: string): string =>
	`${file} is a PyTorch file: weights, a pickled module or TorchScript, not a graph of operators. Load it in Python and call torch.onnx.export(model.eval(), (x,), "model.onnx"); ${blocks}.`;
export const safetensorsFile = (file: string): string =>
	`${file} is a safetensors file: weights without the network. Load them into your model in Python and call torch.onnx.export(model.eval(), (x,), "model.onnx"); ${blocks}.`;
export const pickleFile = (file: string): string =>
	`${file} is a Python pickle, which only the program that wrote it can open. Load the model there and export it: torch.onnx.export for PyTorch, jax2onnx for Spyx and JAX; docs/export.md has the blocks to paste.`;
export const pythonSource = (file: string): string =>
	`${file} is Python source, not a trained network. Run it and export the model: torch.onnx.export(model.eval(), (x,), "model.onnx"); ${blocks}.`;
export const kerasFile = (file: string): string =>
	`${file} is a Keras file. In Python, keras.saving.load_model("${file}").export("model.onnx", format="onnx") writes the graph (pip install tf2onnx); docs/export.md, "Keras", has the block to paste.`;
export const kerasWeights = (file: string): string =>
	`${file} holds the weights of a Keras model, not its graph. In Python, model.load_weights("${file}") and then model.export("model.onnx", format="onnx") (pip install tf2onnx); docs/export.md, "Keras", has the block to paste.`;
export const savedModelFolder = (folder: string): string =>
	`${folder} is a TensorFlow SavedModel. Convert it: python -m tf2onnx.convert --saved-model ${folder} --output model.onnx; docs/export.md, "Keras", has the block to paste.`;
export const tfliteFile = (file: string): string =>
	`${file} is a TensorFlow Lite file. Convert it: python -m tf2onnx.convert --tflite ${file} --output model.onnx.`;
export const lavaFile = (file: string): string =>
	`${file} is a network of lava-dl (.net): weights and neuron parameters for Lava, not a graph. Write its timestep in PyTorch with these weights and export that; docs/export.md, "lava-dl", has the block to paste.`;
export const arraysAsModel = (file: string): string =>
	`${file} holds arrays, not a network. Pass it with --data, and the network as an .onnx or .nir file; docs/export.md says how each framework writes one.`;
