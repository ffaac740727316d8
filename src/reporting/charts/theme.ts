/** Colours and type of the charts. The same chart is drawn with CSS variables for pages and with fixed colours for figures. */

export interface Theme {
	readonly text: string;
	readonly muted: string;
	readonly grid: string;
	/** The one colour of a chart with one series, and of full intensity in a heat map. */
	readonly accent: string;
	readonly background: string | null;
	/** Series colours: distinct for common colour blindness (Okabe and Ito, 2008) and in lightness. */
	readonly series: readonly string[];
	readonly font: string;
	readonly fontSize: number;
}

const seriesCount = 8;

/** For a page with light and dark style sheets: every colour is one of the page's variables. */
export const pageTheme: Theme = {
	text: 'var(--text)',
	muted: 'var(--muted)',
	grid: 'var(--line)',
	accent: 'var(--series-1)',
	background: null,
	series: Array.from({ length: seriesCount }, (_, index) => `var(--series-${index + 1})`),
	font: 'system-ui, sans-serif',
	fontSize: 12,
};

/** Series colours on white. */
export const lightSeries = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#6b6b6b', '#b3a200'] as const;
/** Series colours on a dark page. */
export const darkSeries = ['#4aa8e0', '#f0b73a', '#2ec59a', '#e3a1c4', '#9bd4f5', '#f2824b', '#a8a8a8', '#e6d84a'] as const;

/** For papers: dark ink on white, type of 8 points. */
export const paperTheme: Theme = {
	text: '#111111',
	muted: '#444444',
	grid: '#d0d0d0',
	accent: lightSeries[0],
	background: '#ffffff',
	series: lightSeries,
	font: 'Helvetica, Arial, sans-serif',
	fontSize: 10.7,
};
