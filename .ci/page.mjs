/**
 * Asks the page of a store whether it is whole: `node .ci/page.mjs <store>` in a checkout after `bitgrad reproduce`.
 * Every claim of a listed experiment has a verdict in its table, and nothing in it is loaded from elsewhere.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";

const [store = "runs"] = process.argv.slice(2);
const listed = JSON.parse(
  execFileSync(process.execPath, ["--import", "tsx", "research/cli.ts", "list", "--json"], {
    encoding: "utf8",
  }),
);
const { document } = parseHTML(readFileSync(join(store, "report", "index.html"), "utf8"));

const verdicts = new Map();
for (const row of document.querySelectorAll("table.verdicts tbody tr")) {
  const claim = row.querySelector("th")?.firstChild?.textContent?.trim();
  const pill = row.querySelector(".pill")?.textContent ?? "";
  verdicts.set(claim, [...(verdicts.get(claim) ?? []), pill]);
}
const isVerdict = (pill) => /^(?:✓ reproduced|✗ not reproduced|inconclusive)/.test(pill);
const claims = [...new Set(listed.flatMap((experiment) => experiment.claims))];
const without = claims.filter((claim) => !verdicts.get(claim)?.every(isVerdict));

const addresses = ["src", "href", "srcset", "data", "action", "poster"];
const loads = [...document.querySelectorAll("*")].flatMap((element) => [
  ...(["SCRIPT", "LINK", "IFRAME", "OBJECT"].includes(element.tagName) ? [element.tagName] : []),
  ...addresses
    .map((name) => element.getAttribute(name))
    .filter((value) => value !== null && !/^(?:#|data:)/.test(value)),
]);
const styles = [...document.querySelectorAll("style")].map((style) => style.textContent).join("\n");
const fetched = styles.match(/@import|url\((?!["']?(?:#|data:))/g) ?? [];

for (const claim of without) console.error(`no verdict: ${claim}`);
for (const address of [...loads, ...fetched]) console.error(`loads: ${address}`);
console.log(`${claims.length} claims, ${claims.length - without.length} with a verdict`);
process.exitCode =
  without.length + loads.length + fetched.length > 0 || claims.length === 0 ? 1 : 0;
