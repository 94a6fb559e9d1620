// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the report looks. Colours are variables with a second set for dark schemes;
 * on paper it is the light one. Nothing is told by colour alone.
 */
#include "output/html_parts.h"

const char html_style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1b1b1f;--dim:#565660;--line:#c9c9d0;"
	"--soft:#f1f1f4;--bad:#a8071a;--badbg:#fde8ea;--good:#0b6b34;--goodbg:#e7f5ec;"
	"--warn:#7a5200;--link:#0b4fb3;--e:#e3e6ec;--s:#a9c7f5;--m:#f2c866;--ink:#22242a}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#16171a;--fg:#e8e8ec;--dim:#a6a6b0;"
	"--line:#45464e;--soft:#222328;--bad:#ff8f8f;--badbg:#43191d;--good:#7fd8a0;"
	"--goodbg:#16321f;--warn:#f0c265;--link:#8ab8ff;--e:#3a3c45;--s:#2c5390;--m:#8a6414;"
	"--ink:#f4f4f8}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1rem;max-width:62rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.45 system-ui,sans-serif;overflow-wrap:break-word}\n"
	"h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem;"
	"border-bottom:1px solid var(--line)}h3{font-size:1.05rem;margin:1.6rem 0 .4rem}\n"
	"p{margin:.4rem 0}a{color:var(--link)}.bad{color:var(--bad);font-weight:700}"
	".good{color:var(--good)}.warn{color:var(--warn)}.dim,small{color:var(--dim)}\n"
	".verdict{padding:.6rem .8rem;border:1px solid;border-left-width:.5rem;font-weight:600}"
	".verdict.bad{background:var(--badbg)}.verdict.good{background:var(--goodbg)}\n"
	"code,pre,.bytes td{font-family:ui-monospace,monospace;font-size:.86em}"
	"pre{white-space:pre-wrap}\n"
	"table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.15rem .6rem"
	" .15rem 0}caption{text-align:left;color:var(--dim);padding:.3rem 0;white-space:nowrap}\n"
	".facts th{font-weight:400;color:var(--dim);white-space:nowrap}"
	".scroll{overflow-x:auto}.grid{font-size:.9rem}.grid th,.grid td{border:1px solid var(--line);"
	"padding:.15rem .45rem;white-space:nowrap}.grid thead th{background:var(--soft)}"
	".grid .bad{background:var(--badbg)}\n"
	".pages{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:.6rem 0}"
	"figure{margin:0;flex:1 1 18rem;max-width:29rem}figure svg{width:100%;height:auto;"
	"display:block}figcaption{font-size:.9rem}\n"
	".legend{list-style:none;padding:0;font-size:.9rem;columns:2 19rem}"
	".legend li{break-inside:avoid;padding-left:2.6rem;text-indent:-2.6rem}"
	".key{width:2.1rem;height:1.15rem;vertical-align:-.25rem;margin-right:.5rem}\n"
	".e,.s,.m,.d,.a,.w,.u,.l,.t,.x{stroke:var(--dim);stroke-width:.7}"
	".e{fill:url(#pe)}.s{fill:url(#ps)}.m{fill:url(#pm)}.d{fill:url(#pd)}.a{fill:url(#pa)}"
	".w{fill:url(#pw)}.u{fill:url(#pu)}.l{fill:url(#pl)}.t{fill:url(#pt)}.x{fill:url(#px)}"
	".t,.x{stroke:var(--bad);stroke-width:2}.ring{fill:none;stroke:var(--bad);stroke-width:2.5}\n"
	".lanes{width:100%;margin:.6rem 0}.lanes th{font-size:.75rem;font-weight:400;"
	"color:var(--dim);padding:0 .3rem 0 0}.lanes td{padding:.25rem 0 .25rem .5rem}"
	".lanes .lane{position:relative;width:3.2rem;min-width:2.4rem;text-align:center;padding:.25rem 0}"
	"td.lane::before{content:\"\";position:absolute;top:0;bottom:0;left:50%;"
	"border-left:2px solid var(--line)}\n"
	".dot,.frame{position:relative;display:inline-block;min-width:1.5rem;border-radius:1rem;"
	"border:2px solid var(--fg);background:var(--bg);font-size:.8rem;line-height:1.25rem;"
	"font-weight:700}.dot.bad{border-color:var(--bad);background:var(--badbg)}"
	".frame{border-radius:.2rem;border-width:1px;padding:0 .15rem}\n"
	"pattern .i{fill:none;stroke:var(--ink);stroke-width:1.3}"
	"pattern .r{fill:none;stroke:var(--bad);stroke-width:1.8}"
	"pattern .g{fill:none;stroke:var(--bg);stroke-width:1}\n"
	"@media (max-width:34rem){body{padding:.6rem;font-size:15px}"
	".lanes .lane{width:2.3rem;min-width:2.1rem;font-size:.65rem}"
	".facts th,.facts td{display:block;padding:0}.facts td{padding-bottom:.35rem}}\n"
	"@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--dim:#444;--line:#999;"
	"--soft:#fff;--bad:#900;--badbg:#fff;--good:#000;--goodbg:#fff;--warn:#000;--link:#000;"
	"--e:#eee;--s:#bcd;--m:#eb6;--ink:#000}"
	"body{max-width:none;font-size:10pt}.scroll{overflow:visible}"
	"figure,tr,.legend li{break-inside:avoid}h2,h3{break-after:avoid}a{text-decoration:none}}\n";

const char html_patterns[] =
	"<svg width=\"0\" height=\"0\" aria-hidden=\"true\" style=\"position:absolute\">"
	"<defs>"
#define PATTERN(id, inside) \
	"<pattern id=\"" id \
	"\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\">" inside "</pattern>"
#define GRID "<path class=\"g\" d=\"M0 0H10M0 0V10\"/>"
#define GROUND(color) "<path d=\"M0 0H10V10H0z\" style=\"fill:var(--" color ")\"/>"
	PATTERN("pe",
		GROUND("e")
			GRID) PATTERN("ps", GROUND("s") "<path class=\"i\" d=\"M0 10L10 0\"/>" GRID)
		PATTERN("pm", GROUND("m") "<path class=\"i\" d=\"M5 3L7.5 7.5H2.5z\"/>" GRID)
			PATTERN("pd",
				GROUND("bg") "<path class=\"i\" d=\"M2 5H8\"/>" GRID) PATTERN("pa",
											      GROUND("bg")
												      GRID)
				PATTERN("pw",
					GROUND("e") "<path class=\"i\" d=\"M3 2V8M7 2V8\"/>" GRID)
					PATTERN("pu",
						GROUND("soft") "<path class=\"i\" d=\"M5 4V6\"/>" GRID)
						PATTERN("pl",
							"<path d=\"M1.5 1H8.5V9H1.5z\" style=\"fill:var(--bg)\"/><path class=\"r\" d=\"M3 2V8H7\"/>")
							PATTERN("pt",
								"<circle class=\"r\" cx=\"5\" cy=\"5\" r=\"3\"/>")
								PATTERN("px",
									"<path class=\"r\" d=\"M2 2L8 8M8 2L2 8\"/>") "</defs></svg>\n";
