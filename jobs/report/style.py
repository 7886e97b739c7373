"""Look of the page: one style sheet, light and dark, from a phone's width up."""

CSS = """
:root{color-scheme:light dark;--paper:#f5f6f8;--card:#fff;--ink:#1d2530;--soft:#5c6775;--rule:#e1e5ea;--grid:#e6e9ee;
--accent:#0b7a80;--warm:#b26a12;--bad:#b3302b;--good:#2c7a4b;--shade:#f0f3f6}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1a2029;--ink:#e4e9f0;--soft:#9aa6b5;--rule:#2b3440;
--grid:#2d3743;--accent:#4cc3c7;--warm:#e3a55b;--bad:#ef8079;--good:#72c795;--shade:#202833}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--accent)}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 16px}
header{padding-top:40px}
.kicker{color:var(--accent);font-weight:600;letter-spacing:.06em;text-transform:uppercase;font-size:.78rem;margin:0}
h1{font-size:clamp(1.6rem,4.5vw,2.4rem);line-height:1.15;margin:.25em 0 .3em;letter-spacing:-.015em}
h2{font-size:1.3rem;line-height:1.25;margin:0 0 .35em;letter-spacing:-.01em}
h3{font-size:1rem;margin:1.7em 0 .3em}
p{margin:.4em 0;max-width:72ch}
.soft,figcaption{color:var(--soft)}
.small{font-size:.86rem}
.banner{border-left:4px solid var(--warm);background:var(--card);padding:.7em 1em;border-radius:0 10px 10px 0;
margin:1.2em 0}
nav{display:flex;flex-wrap:wrap;gap:8px;margin:1.2em 0}
nav a{text-decoration:none;color:var(--ink);background:var(--card);border:1px solid var(--rule);border-radius:999px;
padding:.28em .85em;font-size:.88rem}
nav a:hover{border-color:var(--accent);color:var(--accent)}
.facts{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:1.2em 0}
.fact,section{background:var(--card);border:1px solid var(--rule);border-radius:14px}
.fact{padding:14px 16px}
.fact b{display:block;font-size:1.45rem;line-height:1.2;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.fact span{font-size:.84rem;color:var(--soft)}
.fact i{display:block;font-style:normal;font-size:.78rem;color:var(--soft);margin-top:.25em}
section{padding:22px 24px;margin:18px 0;scroll-margin-top:12px}
figure{margin:1em 0 0}
figcaption{font-size:.88rem;margin-top:.2em}
.plot{width:100%;min-height:260px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:8px 28px}
.scroll{overflow-x:auto;margin:.8em 0;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;width:100%;font-size:.87rem;font-variant-numeric:tabular-nums}
th,td{padding:.42em .6em;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
th{font-weight:600;color:var(--soft);vertical-align:bottom;line-height:1.25}
thead tr:first-child th[colspan]{text-align:left;border-bottom:2px solid var(--accent);color:var(--ink)}
td.n,th.n{text-align:right}td.n{white-space:nowrap}
td:first-child,td:nth-child(2){white-space:nowrap}
tr.told td{border-bottom:0;padding-bottom:0}
td.words{color:var(--soft);white-space:normal;padding-top:.1em}
td.words div{position:sticky;left:.7em;max-width:min(100ch,calc(100vw - 84px))}
tbody tr:hover{background:var(--shade)}
.tag{display:inline-block;border-radius:6px;padding:.02em .5em;background:var(--shade);white-space:nowrap;
font-size:.82rem}
.tag.bad{color:var(--bad)}.tag.good{color:var(--good)}.tag.warm{color:var(--warm)}
select{font:inherit;color:inherit;background:var(--card);border:1px solid var(--rule);border-radius:8px;
padding:.35em .6em;max-width:100%}
code{font:.86em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
a{overflow-wrap:anywhere}
details{margin:.8em 0}summary{cursor:pointer;color:var(--accent)}
footer{padding:8px 16px 48px;color:var(--soft);font-size:.86rem}
@media (max-width:860px){.facts{grid-template-columns:1fr 1fr}}
@media (max-width:560px){header{padding-top:24px}section{padding:16px 14px;border-radius:12px}
.facts{gap:8px}.fact{padding:11px 12px}.fact b{font-size:1.15rem}}
@media print{nav{display:none}section{break-inside:avoid}}
"""
