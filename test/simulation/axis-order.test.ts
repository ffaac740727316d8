import { orderThatFits, turnedShape, turnImages } from '../../src/simulation/axis-order.ts';

test('an image that fits as it is stays as it is, even where turning would fit too', () => {
	expect(orderThatFits([3, 3, 3], [3, 3, 3])).toBeNull();
	expect(orderThatFits([3, 4, 5], [3, 4, 5])).toBeNull();
});

test('an image with its channels at the other end is turned, any other is not', () => {
	expect(orderThatFits([3, 4, 5], [4, 5, 3])).toBe('channels-last');
	expect(orderThatFits([4, 5, 3], [3, 4, 5])).toBe('channels-first');
	expect(orderThatFits([3, 4, 5], [5, 4, 3])).toBeNull();
	expect(orderThatFits([12], [12])).toBeNull();
	expect(orderThatFits([12], [3, 4, 1])).toBeNull();
});

test('every pixel keeps its channel, row and column, in every image', () => {
	const [channels, height, width] = [2, 3, 4];
	const first = Float32Array.from({ length: 2 * channels * height * width }, (_, index) => index);
	const last = turnImages(first, [channels, height, width], 'channels-last');
	for (let image = 0; image < 2; image++) {
		for (let c = 0; c < channels; c++) {
			for (let h = 0; h < height; h++) {
				for (let w = 0; w < width; w++) {
					const from = ((image * channels + c) * height + h) * width + w;
					expect(last[((image * height + h) * width + w) * channels + c]).toBe(first[from]);
				}
			}
		}
	}
	expect(turnedShape([channels, height, width], 'channels-last')).toEqual([height, width, channels]);
	expect(turnImages(last, [height, width, channels], 'channels-first')).toEqual(first);
});
