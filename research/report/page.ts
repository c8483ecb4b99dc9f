/**
 * The page around a report: one HTML file that loads nothing and runs no script.
 * Rests on html and the style sheet.
 */
import { html, Markup } from "./html.ts";
import { styleSheet } from "./style.ts";

/** The browser is told to load nothing: pictures are inside, and there are no scripts. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** A whole HTML file with `body` in it. `more`: CSS of this page alone, after that of all. */
export function pageOf(title: string, body: Markup, more = ""): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="generator" content="bitgrad">
<title>${title}</title>
<style>${new Markup(styleSheet + more)}</style>
</head>
<body>
<main>
${body}
<footer>Written by bitgrad.</footer>
</main>
</body>
</html>
`;
  return page.text;
}

/** A command whose lines break between words only: a browser would break after each hyphen too. */
export function unbroken(command: string): readonly Markup[] {
  return command
    .split(/( +)/)
    .map((word) => (word.includes("-") ? html`<span class="whole">${word}</span>` : html`${word}`));
}
