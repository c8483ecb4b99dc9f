/**
 * The report's style sheet: light and dark, page and phone, no fonts or images from elsewhere.
 * Rests on nothing.
 */

/** CSS of the report. Blue and orange stay apart for every common colour blindness. */
export const styleSheet: string = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --axis: #8c959f;
  --train: #1f6feb; --test: #d9580d; --right: #1f6feb; --wrong: 217 88 13; --strength: 1; --code: #eef1f4;
  --series-0: #1f6feb; --series-1: #d9580d; --series-2: #00805e; --series-3: #a23b8c; --series-4: #8a6a00;
  --series-5: #147d92; --series-6: #57606a; --heat-low: #e6effa; --heat-high: #0a2b66; --heat-weak: #000000; --heat-strong: #ffffff;
  --yes: #0a6b4e; --no: #a83208; --open: #57606a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1317; --card: #171c22; --ink: #e6eaee; --soft: #9aa5b1; --line: #2d353e; --axis: #66717d;
    --train: #6cb0ff; --test: #ff9d5c; --right: #6cb0ff; --wrong: 255 140 66; --strength: 0.65; --code: #222932;
    --series-0: #6cb0ff; --series-1: #ff9d5c; --series-2: #3fc79a; --series-3: #e58fd0; --series-4: #e3c04a;
    --series-5: #63cfe3; --series-6: #b4bec8; --heat-low: #18222e; --heat-high: #82b9f6; --heat-weak: #ffffff; --heat-strong: #000000;
    --yes: #5fd3a6; --no: #ff9d7a; --open: #b4bec8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 976px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 8px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 12px; }
header p { margin: 0 0 20px; color: var(--soft); }
section {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 20px 24px; margin: 0 0 16px; min-width: 0;
}
.note { color: var(--soft); font-size: 0.875rem; }
p.note { margin: 8px 0 0; }
h2 + p.note { margin: -6px 0 14px; }
.headline { display: grid; grid-template-columns: minmax(210px, 2fr) 5fr; gap: 28px; }
.accuracy { display: flex; flex-direction: column; }
.accuracy strong { font-size: 3rem; line-height: 1.15; font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
.label, dt { color: var(--soft); font-size: 0.875rem; }
dl { margin: 0; min-width: 0; }
dd { margin: 2px 0 12px; }
dd:last-child { margin-bottom: 0; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875rem; }
.hash { overflow-wrap: anywhere; }
pre { margin: 0; padding: 8px 12px; background: var(--code); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 0.875rem; }
.chart figcaption { margin-top: 10px; }
.chart svg { --plot-background: var(--card); color: var(--soft); max-width: 100%; }
.narrow { display: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 4px; padding: 0; font-size: 0.9375rem; }
.legend li { display: flex; align-items: center; gap: 8px; }
.legend svg { flex: none; }
.scroll { overflow-x: auto; }
.verdicts { width: 100%; font-size: 0.875rem; }
.verdicts th, .verdicts td { padding: 10px 14px 10px 0; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left; overflow-wrap: anywhere; }
.verdicts thead th { color: var(--soft); padding-top: 0; white-space: nowrap; }
.verdicts tbody th { width: 25%; }
.verdicts .measured { width: 29%; }
.verdicts .paper { width: 22%; }
.verdicts .note .pill { margin-top: 4px; }
.verdicts tr > *:last-child { padding-right: 0; }
.verdicts .short { white-space: nowrap; font-variant-numeric: tabular-nums; }
.verdicts .note { display: block; font-weight: 400; }
a { color: var(--train); text-underline-offset: 2px; }
.pill { display: inline-block; padding: 1px 8px; border: 1px solid currentColor; border-radius: 999px; font-weight: 600; font-size: 0.8125rem; white-space: nowrap; }
.pill.reproduced { color: var(--yes); }
.pill.not-reproduced { color: var(--no); }
.pill.inconclusive, .pill.no-verdict, .pill.not-run { color: var(--open); }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: 8px 14px; margin: 0 0 18px; padding: 0; }
.claim { border-left: 4px solid var(--open); padding: 2px 0 2px 14px; margin: 0 0 18px; }
.claim.reproduced { border-color: var(--yes); }
.claim.not-reproduced { border-color: var(--no); }
.claim dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 16px; margin-top: 8px; }
.claim dd { margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
h3 .pill { margin-left: 6px; }
.question { margin: -8px 0 16px; color: var(--soft); }
.warning { border: 1px solid var(--no); color: var(--no); border-radius: 6px; padding: 8px 12px; margin: 0 0 16px; font-size: 0.875rem; overflow-wrap: anywhere; }
.repeat { margin-top: 16px; }
.plain { margin: 0; padding-left: 20px; font-size: 0.9375rem; }
.plain li { margin: 0 0 6px; overflow-wrap: anywhere; }
.chart + .chart { margin-top: 28px; }
h4 { font-size: 1rem; margin: 0 0 8px; }
.histograms { margin: 0 0 12px; }
h5 { font-size: 0.875rem; font-weight: 600; margin: 0 0 2px; color: var(--soft); }
.panels { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: 4px; }
.panels svg { display: block; width: 100%; height: auto; }
.heat-scale { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; margin: 0 0 4px; font-size: 0.875rem; color: var(--soft); }
.heat-bar { width: 120px; height: 12px; border-radius: 3px; background: linear-gradient(to right in oklab, var(--heat-low), var(--heat-high)); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9375rem; }
th { font-weight: 500; text-align: left; }
.numbers th, .numbers td, .pairs th, .pairs td { padding: 5px 16px 5px 0; border-bottom: 1px solid var(--line); }
.numbers { min-width: 60%; }
.numbers td, .numbers th + th { text-align: right; white-space: nowrap; }
.numbers td.words, .numbers th.words { text-align: left; }
.numbers thead th { color: var(--soft); font-size: 0.875rem; }
.numbers tfoot th, .numbers tfoot td { border-bottom: 0; font-weight: 600; }
.numbers td:last-child, .numbers th:last-child { padding-right: 0; }
.pairs { width: 100%; }
.pairs th { color: var(--soft); width: 42%; vertical-align: top; font-weight: 400; overflow-wrap: anywhere; }
.pairs td { overflow-wrap: anywhere; padding-right: 0; }
.pairs tr:last-child > * { border-bottom: 0; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 16px; align-items: stretch; }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--soft); font-size: 0.9375rem; margin-bottom: 8px; }
.confusion { border-collapse: separate; border-spacing: 2px; width: 100%; }
.confusion caption { text-align: left; color: var(--soft); font-size: 0.875rem; padding-bottom: 6px; }
.confusion th, .confusion td { text-align: center; padding: 6px 4px; border-radius: 4px; min-width: 54px; }
.confusion th { color: var(--soft); }
.confusion tbody th { color: var(--ink); font-weight: 600; }
.confusion tr > th:first-child { position: sticky; left: 0; background: var(--card); border-radius: 0; }
.confusion .right { background: color-mix(in srgb, var(--right) 22%, transparent); font-weight: 600; }
.confusion .wrong { background: rgb(var(--wrong) / calc(var(--shade) * var(--strength))); }
.confusion .none { color: var(--soft); }
.confusion .share { color: var(--soft); white-space: nowrap; font-size: 0.875rem; }
.mistakes { list-style: none; margin: 0; padding: 0; display: grid; gap: 18px 16px; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); }
.mistakes img { width: 100%; height: auto; display: block; image-rendering: pixelated; border-radius: 6px; border: 1px solid var(--line); }
.mistakes figcaption { color: var(--ink); margin-top: 6px; line-height: 1.35; overflow-wrap: anywhere; }
.mistakes .note { display: block; font-size: 0.8125rem; }
.whole { display: inline-block; max-width: 100%; }
footer { color: var(--soft); font-size: 0.875rem; }
:focus-visible { outline: 2px solid var(--train); outline-offset: 2px; }
@media (max-width: 720px) {
  main { padding: 16px 10px 32px; }
  section { padding: 16px 14px; }
  .headline, .two { grid-template-columns: 1fr; gap: 0; }
  .headline { gap: 16px; }
  .panels { grid-template-columns: repeat(min(3, var(--columns)), minmax(0, 1fr)); }
  .verdicts thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .verdicts, .verdicts tbody, .verdicts tr, .verdicts th, .verdicts td { display: block; width: auto; }
  .verdicts tr { padding: 12px 0; border-bottom: 1px solid var(--line); }
  .verdicts tbody th, .verdicts .measured, .verdicts .paper { width: auto; }
  .verdicts .none { display: none; }
  .verdicts th, .verdicts td { border: 0; padding: 2px 0; }
  .verdicts td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
  .claim dl { grid-template-columns: 1fr; gap: 0; }
  .claim dd { margin-bottom: 6px; }
  .wide { display: none; }
  .narrow { display: block; }
  .confusion th, .confusion td { min-width: 46px; }
  .mistakes { grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 14px 10px; }
}
@media print {
  body { background: none; }
  section { break-inside: avoid; }
}
`;
