/** The whole style of the API page; its hash stands in the page's policy, so nothing else can be styled or loaded. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fbfbfa; --panel: #fff; --ink: #1d2125; --soft: #5b6670; --line: #e3e5e8;
  --accent: #3257d6; --code: #f2f3f5; --get: #1a7f4b; --post: #3257d6; --put: #96590a; --patch: #96590a; --delete: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #14171a; --panel: #1b1f23; --ink: #e6e8ea; --soft: #9aa5af; --line: #2c3238; --accent: #8ea7ff;
    --code: #22272c; --get: #5fce94; --post: #8ea7ff; --put: #e5b567; --patch: #e5b567; --delete: #ff8f87; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; display: grid;
  grid-template-columns: 19rem minmax(0, 1fr); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1.25rem; border-right: 1px solid var(--line);
  background: var(--panel); font-size: 0.875rem; }
nav h2 { margin: 1.25rem 0 0.25rem; font-size: 0.75rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: 0.5rem; padding: 0.2rem 0; color: inherit; overflow-wrap: anywhere; }
main { padding: 2rem clamp(1rem, 4vw, 3.5rem) 6rem; max-width: 62rem; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; }
main > h2 { margin: 3rem 0 1rem; padding-bottom: 0.4rem; border-bottom: 1px solid var(--line); }
.lead, .soft { color: var(--soft); }
article { margin: 1.25rem 0; padding: 1.1rem 1.25rem 1.25rem; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; }
article h3 { margin: 0; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.6rem; font-size: 1rem; }
article h3 code { font-size: 0.95em; overflow-wrap: anywhere; }
article h4 { margin: 1rem 0 0.3rem; font-size: 0.8125rem; color: var(--soft); }
article p { margin: 0.4rem 0; }
.verb { font: 700 0.6875rem/1.6 ui-monospace, Menlo, Consolas, monospace; min-width: 3.4em; color: var(--soft); }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); }
.delete { color: var(--delete); }
.pill { font-size: 0.75rem; padding: 0 0.5rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--soft); }
pre { margin: 0.4rem 0 0; padding: 0.75rem 0.9rem; overflow-x: auto; background: var(--code); border-radius: 7px; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
td { padding: 0.3rem 0.75rem 0.3rem 0; vertical-align: top; border-top: 1px solid var(--line); }
tr:first-child td { border-top: 0; }
td:first-child { white-space: nowrap; width: 1%; }
@media (max-width: 54rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); } }
`
