const inStandardOperators =
	'Export the network with the neuron written in standard operators (Mul, Add, Greater, Cast, Sub), as a model-local function, or as NIR.';

export const runtimeRefused = (file: string, reason: string): string =>
	`${file}: onnxruntime cannot run this model: ${reason}. Mend what it names, or export the model again.`;
export const weightTooLong = (file: string, name: string, length: number, longest: number): string =>
	`${file}: weight "${name}" has ${length} bytes, and onnxruntime takes a weight of less than ${longest}. Split it into parts (two MatMul whose results are joined), or store it in float16.`;
export const unknownOperator = (file: string, node: string, domain: string, op: string): string =>
	`${file}: node "${node}" is the operator ${op} of "${domain}", which is not standard ONNX: what it does, and whether it spikes, cannot be known. ` +
	inStandardOperators;
export const unknownStandardOperator = (file: string, op: string): string =>
	`${file}: the operator ${op} is not part of standard ONNX: what it does, and whether it spikes, cannot be known. ` +
	inStandardOperators;
export const inputType = (file: string, input: string, type: string): string =>
	`${file}: input "${input}" takes ${type}; snn-energy feeds float32, float64, float16, int64, int32, int8, uint8 or bool.`;
export const lostTensor = (file: string, name: string): string =>
	`${file}: onnxruntime hands back no tensor under the name "${name}". Give it another name, and export the model again.`;
