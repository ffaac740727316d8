declare module 'mathjs/lib/browser/math.js' {
	const mathematics: typeof import('mathjs');
	export default mathematics;
}
