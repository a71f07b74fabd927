import { crypto } from "../crypto.js";
import { PAGE_SCRIPT } from "./diagram-script.js";
import { escaped } from "./diagram-text.js";

const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1f2328;--edge:#8c959f;--bar:#f3f5f8;--found:#ffd33d;--strong:#0550ae}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--edge:#6e7681;--bar:#161b22;--found:#7d5700;--strong:#79c0ff}}
*{box-sizing:border-box}
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;background:var(--ground);color:var(--ink);font:14px system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:8px;align-items:center;padding:8px 12px;background:var(--bar);border-bottom:1px solid var(--edge)}
h1{font-size:15px;margin:0 auto 0 0;overflow-wrap:anywhere}
input,button{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--edge);border-radius:6px;padding:5px 9px}
input{width:min(17em,100%)}
button{min-width:34px;cursor:pointer}
output{min-width:6em}
main{flex:1;min-height:0;overflow:hidden}
main svg{display:block;width:100%;height:100%;touch-action:none;cursor:grab;user-select:none}
main svg.moving{cursor:grabbing}
.searching .table:not(.found),.searching .reference,.chosen .table:not(.near),.chosen .reference:not(.near){opacity:.25}
.rowkeeper-diagram .column.found .row,.rowkeeper-diagram .table.named .header{fill:var(--found)}
.rowkeeper-diagram .current .frame,.rowkeeper-diagram .current.column .row{stroke:var(--strong);stroke-width:3}
.rowkeeper-diagram .reference:hover .line,.rowkeeper-diagram .reference.near .line{stroke:var(--strong);stroke-width:2.5}
@media print{header{display:none}}
`;

// Nothing can be loaded, and no script can run but the page's own.
function policy(): string {
  const hash = crypto().createHash("sha256").update(PAGE_SCRIPT).digest("base64");
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
}

/** A page that shows a diagram without loading anything. */
export function pageOf(svg: string, title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<input id="search" type="search" placeholder="Search tables and columns" aria-label="Search tables and columns" autocomplete="off" spellcheck="false">
<output id="matches" for="search" aria-live="polite"></output>
<button id="out" type="button" title="Zoom out (-)" aria-label="Zoom out">−</button>
<button id="in" type="button" title="Zoom in (+)" aria-label="Zoom in">+</button>
<button id="fit" type="button" title="Show all (0)">Fit</button>
</header>
<main>
${svg}</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
