/** Every sentence a user can meet when reading tfjs models. */

const shapeText = (shape: readonly (number | string | null)[]) => `[${shape.join(', ')}]`;
const list = (names: readonly string[], most = 12) => `${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''}`;

export const messages = {
	missing: (file: string) => `${file} does not exist; check the path.`,
	unreadable: (file: string, reason: string) => `${file} cannot be read (${reason}).`,
	shardLink: (file: string, path: string) =>
		`${file}: the weights file "${path}" is a symbolic link that leads outside the model's own folder; that is refused. Copy the file it leads to next to the model.`,
	notJson: (file: string) => `${file} is not JSON text. Pass the model.json of a tfjs model; if it was copied, copy it again.`,
	notModel: (file: string) =>
		`${file} is not a tfjs model: it has no "modelTopology". Pass the model.json that model.save() or tensorflowjs_converter writes.`,
	malformed: (file: string, place: string, found: string, expected: string) =>
		`${file}: ${place} is ${found}; ${expected} is expected. Save the model again.`,
	shardMissing: (file: string, shard: string) =>
		`${file}: the weights are stored in "${shard}", which is not there. Put it next to model.json.`,
	shardUnreadable: (file: string, shard: string, reason: string) =>
		`${file}: the weight file "${shard}" cannot be read (${reason}). Copy the model again.`,
	shardOutside: (file: string, shard: string) =>
		`${file}: the weights point at "${shard}", outside the model's own folder; that is refused. Store them next to model.json.`,
	weightsShort: (file: string, expected: number, found: number) =>
		`${file}: the weights take ${expected} bytes, but the weight files hold ${found}. Copy the weight files again.`,
	weightType: (file: string, weight: string, type: string) =>
		`${file}: weight "${weight}" has the element type ${type}, which is not read. Save the model with float32 weights.`,
	weightNotFinite: (file: string, weight: string, value: number) =>
		`${file}: weight "${weight}" holds ${value}; a count or an energy from it would mean nothing. Train or save the model again.`,
	weightMissing: (file: string, layer: string, weight: string) =>
		`${file}: the layer "${layer}" needs the weight "${weight}", which the file does not list. Save the model with its weights.`,
	weightShape: (file: string, weight: string, found: readonly number[], expected: readonly (number | string)[]) =>
		`${file}: weight "${weight}" has shape ${shapeText(found)}; ${shapeText(expected)} is expected. Save the model again.`,
	unknownLayer: (file: string, layer: string, type: string, known: readonly string[]) =>
		`${file}: layer "${layer}" is a ${type}, which is not known; known are ${list(known, 60)}. Replace it by these, or convert the model to ONNX with tf2onnx.`,
	unknownActivation: (file: string, layer: string, found: string, known: readonly string[]) =>
		`${file}: layer "${layer}" has the activation "${found}", which is not known; known are ${list(known, 30)}.`,
	unsupportedOption: (file: string, layer: string, option: string, found: string, expected: string) =>
		`${file}: layer "${layer}" has ${option} ${found}; only ${expected} is read. Build the layer so, or convert the model to ONNX with tf2onnx.`,
	unknownOperator: (file: string, node: string, op: string, known: readonly string[]) =>
		`${file}: node "${node}" is the operator ${op}, which is not known; known are ${list(known, 80)}. Convert the model to ONNX with tf2onnx.`,
	freeSize: (file: string, name: string, shape: readonly (number | string | null)[]) =>
		`${file}: input "${name}" has shape ${shapeText(shape)}; only the first size, the batch, may be free. Save the model with a fixed input shape.`,
	wrongInput: (file: string, layer: string, expected: string, found: readonly (number | string)[]) =>
		`${file}: "${layer}" takes ${expected} but receives ${shapeText(found)}. Save the model again.`,
	unknownInput: (file: string, layer: string, input: string) =>
		`${file}: "${layer}" reads from "${input}", which the model does not contain. Save the model again.`,
	cycle: (file: string, layer: string) => `${file}: the model has a cycle through "${layer}". Save the model again.`,
	nested: (file: string, place: string, most: number) =>
		`${file}: the connections of ${place} are lists inside lists, more than ${most} deep. Save the model again.`,
	noLayers: (file: string) => `${file}: the model has no layers.`,
	noInputShape: (file: string, layer: string) =>
		`${file}: nothing says what shape the input of "${layer}" has. Save the model after it was built with an inputShape.`,
	shared: (file: string, layer: string) =>
		`${file}: the spiking layer "${layer}" is used more than once in a timestep, so its membrane potential is ambiguous. Give each use a layer.`,
	notConstant: (file: string, node: string, what: string) =>
		`${file}: ${what} of node "${node}" is computed from the data, which is not read. Convert the model to ONNX with tf2onnx.`,
	tooManyElements: (file: string, layer: string, elements: number) =>
		`${file}: "${layer}" would have ${elements} elements, which no model has. Save the model again.`,
};

export const assumptions = {
	dropout: (names: readonly string[]) =>
		`Layers ${list(names.map((name) => `"${name}"`))} act in training only and are left out.`,
	step: (names: readonly string[]) =>
		`Layers ${list(names.map((name) => `"${name}"`))} keep a membrane potential: the model is one timestep, run again and again from zero.`,
};
