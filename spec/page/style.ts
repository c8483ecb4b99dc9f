/**
 * What the page of proofs adds to the reports' style sheet: tables of cells with a head that stays in sight.
 * Rests on the colours of that sheet.
 */

/** CSS. */
export const lawStyle: string = `
.laws { border-collapse: separate; border-spacing: 2px; font-size: 0.8125rem; }
.laws caption { text-align: left; color: var(--soft); padding-bottom: 6px; }
.laws th, .laws td { padding: 2px 3px; }
.laws thead th { position: sticky; top: 0; z-index: 2; background: var(--card); vertical-align: bottom; color: var(--soft); }
.laws thead th span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; padding: 4px 0; line-height: 1.15; }
.laws tr > th:first-child { position: sticky; left: 0; z-index: 1; background: var(--card); padding-right: 10px; white-space: nowrap; }
.laws thead tr > th:first-child { z-index: 3; }
.laws td { min-width: 38px; height: 34px; text-align: center; line-height: 1.15; border-radius: 4px; font-weight: 600; }
.laws td small { display: block; font-size: 0.6875rem; font-weight: 400; }
.laws tfoot > tr:first-child > * { border-top: 2px solid var(--line); border-radius: 0 0 4px 4px; }
.measured, .swatch.measured { background: color-mix(in oklab, var(--heat-high) var(--share), var(--heat-low)); color: var(--heat-weak); }
.measured.strong { color: var(--heat-strong); }
.exact, .held { background: var(--code); color: var(--ink); }
.broken { background: var(--no); color: var(--card); }
.tall { max-height: min(46rem, 86vh); overflow: auto; }
.swatch { display: inline-block; min-width: 34px; padding: 1px 6px; margin-right: 6px; border-radius: 4px; text-align: center; font-weight: 600; font-size: 0.8125rem; }
.key { list-style: none; margin: 0 0 14px; padding: 0; display: grid; gap: 6px; font-size: 0.9375rem; }
.breach { margin: 0 0 12px; }
.totals { margin-bottom: 18px; }
.part tbody th { width: 62%; }
.part .swatch { width: auto; }
@media print { .tall { max-height: none; } }
@media (max-width: 720px) {
  .laws tr > th:first-child { min-width: 104px; max-width: 118px; white-space: normal; overflow-wrap: break-word; padding-right: 6px; font-size: 0.75rem; }
  .totals .numbers th, .totals .numbers td { padding-right: 7px; font-size: 0.75rem; }
  .part tbody th { width: auto; }
  .tall { max-height: 80vh; }
}
`;
