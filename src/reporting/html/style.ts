/** The style sheet of the report page: light and dark, wide and narrow, screen and paper. */

import { darkSeries, lightSeries } from '../charts/theme.ts';

const variables = (series: readonly string[]) => series.map((colour, index) => `--series-${index + 1}: ${colour};`).join(' ');

const dark = `--page: #14171a; --card: #1d2226; --text: #e8eaed; --muted: #a7b0b8; --line: #39424a; --link: #7cc4f0; --warn: #f0b73a; color-scheme: dark; ${variables(darkSeries)}`;

export const styleSheet = `
:root { --page: #ffffff; --card: #f4f6f8; --text: #15191d; --muted: #525c66; --line: #d3d9de; --link: #00568a; --warn: #8a5a00; color-scheme: light; ${variables(lightSeries)} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 74rem; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p, ul, dl { margin: .5rem 0 1rem; }
p, main > section > ul, dd, figcaption { max-width: 48rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--page); padding: .5rem; }
.subtitle, figcaption, .note { color: var(--muted); }
.answer { font-size: 1.1rem; margin: 1rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.cards .label { display: block; color: var(--muted); font-size: .875rem; }
.cards .value { display: block; font-size: 1.6rem; font-weight: 650; line-height: 1.3; }
.cards .detail { display: block; color: var(--muted); font-size: .875rem; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; padding: 0; list-style: none; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1rem; }
dt { color: var(--muted); } dd { margin: 0; }
.strong { font-weight: 650; }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { caption-side: bottom; text-align: left; color: var(--muted); padding-top: .4rem; }
th, td { padding: .3rem .5rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td:not(.number) { min-width: 6rem; }
thead th { border-bottom: 2px solid var(--muted); vertical-align: bottom; }
th.number, td.number { text-align: right; white-space: nowrap; padding-left: .1rem; }
tbody th { font-weight: 400; min-width: 7rem; max-width: 20rem; }
.bounds { display: block; font-size: .8125rem; font-weight: 400; color: var(--muted); }
tr.total th, tr.total td { font-weight: 650; border-top: 2px solid var(--muted); }
tr.group th { font-weight: 650; padding-top: .9rem; }
figure { margin: 1rem 0 1.5rem; }
figure svg { display: block; max-width: 100%; height: auto; }
figure .narrow { display: none; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--link); width: fit-content; }
.warnings { border: 2px solid var(--warn); border-radius: .5rem; padding: .25rem 1rem; }
.caution { border-left: .3rem solid var(--warn); padding: .25rem .75rem; font-weight: 600; }
.warnings h2 { border: 0; margin: .25rem 0; padding-top: .25rem; }
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; white-space: pre-wrap; }
@media screen and (min-width: 86rem) {
	body { max-width: 92rem; padding: 2rem 2rem 4rem; }
	main { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); column-gap: 2.5rem; }
	main > * { grid-column: 2; }
	main > nav { grid-column: 1; grid-row: 1 / 200; font-size: .925rem; }
	main > nav ul { display: block; position: sticky; top: 1.5rem; margin: 1.25rem 0; max-height: calc(100vh - 3rem); overflow-y: auto; }
	main > nav li { margin: .35rem 0; }
}
@media (max-width: 40rem) {
	body { padding: 1rem .9rem 3rem; }
	figure .wide { display: none; } figure .narrow { display: block; }
	.cards { grid-template-columns: 1fr 1fr; gap: .5rem; } .cards li:last-child:nth-child(odd) { grid-column: 1 / -1; } .cards li { padding: .6rem .7rem; } .cards .value { font-size: 1.35rem; }
	dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
}
@media print {
	:root { --page: #ffffff; --card: #ffffff; --text: #000000; --muted: #333333; --line: #999999; --link: #000000; --warn: #000000; color-scheme: light; ${variables(lightSeries)} }
	body { max-width: none; padding: 0; font-size: 10pt; }
	nav, .skip { display: none; }
	h2, h3 { break-after: avoid; } figure, tr, .cards li { break-inside: avoid; }
	.scroll { overflow: visible; } table, .bounds { font-size: 7pt; } td, th { padding-right: .35rem; } td:not(.number) { min-width: 0; } summary { display: none; }
	.cards { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); } .cards .value { font-size: 1.3rem; }
	figure .wide { display: block; } figure .narrow { display: none; }
}
`;
