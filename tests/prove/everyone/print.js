// A sheet of paper: nothing wider than it, nothing cut off, heads that come again, and words that need no ink behind them.
const out = [], root = document.documentElement;
const lum = c => { const v = c.map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
  return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
const parse = text => ((text || '').match(/rgba?\(([^)]+)\)/) || ['', ''])[1].split(',').map(Number);
if (root.scrollWidth > root.clientWidth + 1) out.push('wider than the paper by ' + (root.scrollWidth - root.clientWidth) + ' px');
const kept = e => { for (let p = e; p; p = p.parentElement) { const s = getComputedStyle(p), c = parse(s.backgroundColor);
  if (c.length >= 3 && !(c[3] === 0)) return s.webkitPrintColorAdjust === 'exact' || s.printColorAdjust === 'exact'; } return false; };
for (const e of document.querySelectorAll('main *')) {
  if (!shown(e) || !words(e) || e.closest('svg, .no-print')) continue;
  const s = getComputedStyle(e), own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const cut = ['hidden', 'clip'].includes(s.overflowX) && (e.scrollWidth > e.clientWidth + 2 || e.scrollHeight > e.clientHeight + 4);
  if (cut && (own || e.matches('.h-sheet'))) out.push('cut off: ' + what(e));
  if (['auto', 'scroll'].includes(s.overflowX) && e.scrollWidth > e.clientWidth + 1) out.push('paper does not scroll: ' + what(e));
  if (own && 1.05 / (lum(parse(s.color).slice(0, 3)) + .05) < 4.5 && !kept(e)) out.push('pale without its ground: ' + what(e));
}
for (const t of document.querySelectorAll('main table')) {
  if (!shown(t) || t.closest('.no-print')) continue;
  if (t.tHead && t.getBoundingClientRect().height > 900 && getComputedStyle(t.tHead).display !== 'table-header-group')
    out.push('the head does not come again: ' + what(t));
  for (const row of t.rows) if (row.getBoundingClientRect().height < 500 && getComputedStyle(row).breakInside !== 'avoid')
    { out.push('rows may be cut in two: ' + what(t)); break; }
}
for (const e of document.querySelectorAll('.h-top, .h-side, .h-tabbar, .h-foot, .no-print, .h-actbar, .h-skip'))
  if (getComputedStyle(e).display !== 'none' && e.getBoundingClientRect().height > 1
    && getComputedStyle(e).position !== 'absolute') out.push('not for paper: ' + what(e));
return [...new Set(out)];
