/**
 * Leaky integrate-and-fire neurons over all timesteps and their way back; the formulas stand in operations/lif.ts.
 *
 * Four neurons at a time, each through all its timesteps, so that what is carried from one to the next stays in a register. Forward
 * every operation rounds to float32, as the exported network does.
 */
import { numberBytes, vectorBytes } from './numbers';

/** Vectors summed in float32 before their sum goes on in double precision. */
const vectorsPerSum = 64;

/** Σ of a vector's four numbers, in double precision. */
function sumOf(vector: v128): f64 {
	return (
		<f64>f32x4.extract_lane(vector, 0) +
		<f64>f32x4.extract_lane(vector, 1) +
		(<f64>f32x4.extract_lane(vector, 2) + <f64>f32x4.extract_lane(vector, 3))
	);
}

function forwardOne(
	current: usize,
	spikes: usize,
	membranes: usize,
	theta: f32,
	leak: f32,
	timesteps: i32,
	step: usize,
	currentStep: usize,
): void {
	let left: f32 = 0;
	for (let t = 0; t < timesteps; t++, current += currentStep, spikes += step, membranes += step) {
		const input = load<f32>(current);
		const membrane = t === 0 ? input : leak * left + input;
		const fired = membrane > theta;
		store<f32>(membranes, membrane);
		store<f32>(spikes, fired ? 1 : 0);
		left = fired ? membrane - theta : membrane;
	}
}

/**
 * @param current  [timesteps, neurons], or [neurons] when `repeated`
 * @param threshold  one number
 * @param leak  one number
 * @param spikes  receives [timesteps, neurons]
 * @param membranes  receives [timesteps, neurons], before the reset
 */
export function lifForward(
	current: usize,
	threshold: usize,
	leak: usize,
	spikes: usize,
	membranes: usize,
	neurons: i32,
	timesteps: i32,
	repeated: bool,
): void {
	const theta = load<f32>(threshold);
	const decay = load<f32>(leak);
	const thetas = f32x4.splat(theta);
	const decays = f32x4.splat(decay);
	const ones = f32x4.splat(1);
	const step = <usize>neurons * numberBytes;
	const currentStep: usize = repeated ? 0 : step;
	let i = 0;
	for (; i + 4 <= neurons; i += 4, current += vectorBytes, spikes += vectorBytes, membranes += vectorBytes) {
		let membrane = v128.load(current);
		for (let t = 0, at: usize = 0, from = current; ; ) {
			const fired = f32x4.gt(membrane, thetas);
			v128.store(membranes + at, membrane);
			v128.store(spikes + at, v128.and(fired, ones));
			if (++t === timesteps) break;
			at += step;
			from += currentStep;
			const left = f32x4.sub(membrane, v128.and(fired, thetas));
			membrane = f32x4.add(f32x4.mul(decays, left), v128.load(from));
		}
	}
	for (; i < neurons; i++, current += numberBytes, spikes += numberBytes, membranes += numberBytes)
		forwardOne(current, spikes, membranes, theta, decay, timesteps, step, currentStep);
}

/**
 * @param dy  [timesteps, neurons], the gradient to the spikes
 * @param membranes  [timesteps, neurons]
 * @param dCurrent  receives the gradient to the current, of its shape
 * @param dThreshold  receives one number
 * @param dLeak  receives one number
 */
export function lifBackward(
	dy: usize,
	membranes: usize,
	threshold: usize,
	leak: usize,
	dCurrent: usize,
	dThreshold: usize,
	dLeak: usize,
	neurons: i32,
	timesteps: i32,
	repeated: bool,
	surrogateHeight: f32,
): void {
	const theta = load<f32>(threshold);
	const decay = load<f32>(leak);
	const inverse: f32 = 1 / theta;
	const height = surrogateHeight * inverse;
	const thetas = f32x4.splat(theta);
	const decays = f32x4.splat(decay);
	const inverses = f32x4.splat(inverse);
	const heights = f32x4.splat(height);
	const ones = f32x4.splat(1);
	const zeros = f32x4.splat(0);
	const step = <usize>neurons * numberBytes;
	const last = <usize>(timesteps - 1) * step;
	let thetaSum: f64 = 0;
	let decaySum: f64 = 0;
	let thetaVector = zeros;
	let decayVector = zeros;
	let i = 0;
	for (; i + 4 <= neurons; i += 4, dy += vectorBytes, membranes += vectorBytes, dCurrent += vectorBytes) {
		let carried = zeros;
		let sum = zeros;
		let membrane = v128.load(membranes + last);
		let fired = f32x4.gt(membrane, thetas);
		for (let at = last; ; ) {
			const scaled = f32x4.mul(membrane, inverses);
			const triangle = f32x4.max(zeros, f32x4.sub(ones, f32x4.abs(f32x4.sub(scaled, ones))));
			const slope = f32x4.mul(f32x4.mul(v128.load(dy + at), heights), triangle);
			const total = f32x4.add(carried, slope);
			thetaVector = f32x4.sub(thetaVector, f32x4.add(f32x4.mul(slope, scaled), v128.and(carried, fired)));
			if (repeated) sum = f32x4.add(sum, total);
			else v128.store(dCurrent + at, total);
			if (at === 0) break;
			at -= step;
			membrane = v128.load(membranes + at);
			fired = f32x4.gt(membrane, thetas);
			const left = f32x4.sub(membrane, v128.and(fired, thetas));
			decayVector = f32x4.add(decayVector, f32x4.mul(total, left));
			carried = f32x4.mul(decays, total);
		}
		if (repeated) v128.store(dCurrent, sum);
		if ((i >> 2) % vectorsPerSum === vectorsPerSum - 1) {
			thetaSum += sumOf(thetaVector);
			decaySum += sumOf(decayVector);
			thetaVector = decayVector = zeros;
		}
	}
	thetaSum += sumOf(thetaVector);
	decaySum += sumOf(decayVector);
	for (; i < neurons; i++, dy += numberBytes, membranes += numberBytes, dCurrent += numberBytes) {
		let carried: f32 = 0;
		let sum: f32 = 0;
		let membrane = load<f32>(membranes + last);
		for (let at = last; ; ) {
			const scaled = membrane * inverse;
			const slope = load<f32>(dy + at) * height * max<f32>(0, 1 - abs<f32>(scaled - 1));
			const total = carried + slope;
			thetaSum -= slope * scaled + (membrane > theta ? carried : 0);
			if (repeated) sum += total;
			else store<f32>(dCurrent + at, total);
			if (at === 0) break;
			at -= step;
			membrane = load<f32>(membranes + at);
			decaySum += total * (membrane > theta ? membrane - theta : membrane);
			carried = decay * total;
		}
		if (repeated) store<f32>(dCurrent, sum);
	}
	store<f32>(dThreshold, <f32>thetaSum);
	store<f32>(dLeak, <f32>decaySum);
}
