// Sideways scroll of the page, text cut off by its own box, and words that stand out of their button.
const out = [], root = document.documentElement, wide = root.scrollWidth - root.clientWidth;
if (wide > 0) {
  const far = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1
    && !scrolls(e.parentElement) && shown(e));
  out.push('sideways ' + wide + ' px: ' + far.slice(-2).map(what).join(' · '));
}
for (const e of document.body.querySelectorAll('*')) {
  if (!shown(e) || !words(e) || e.closest('svg, select, textarea, option')) continue;
  const s = getComputedStyle(e);
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const cutX = ['hidden', 'clip'].includes(s.overflowX) && e.scrollWidth > e.clientWidth + 1;
  const cutY = ['hidden', 'clip'].includes(s.overflowY) && e.scrollHeight > e.clientHeight + 2;
  const told = e.title || e.getAttribute('aria-label') || e.closest('[title]');
  if (own && (cutX || (cutY && !s.webkitLineClamp.match(/[0-9]/))) && !told) out.push('cut off: ' + what(e));
  const small = e.matches('button, .btn, .h-tabs a, .h-tabbar a, .h-nav a, .h-chip, .h-light, .h-plate, .h-toptool, '
    + '.h-side a, .badge, .h-speak, summary, .h-more');
  if (small && s.display !== 'inline') {
    const box = e.getBoundingClientRect(), range = document.createRange();
    range.selectNodeContents(e);
    const rects = [...range.getClientRects()].filter(r => r.width > 1 && r.height > 1);
    const right = Math.max(...rects.map(r => r.right)), left = Math.min(...rects.map(r => r.left));
    const hidden = [...e.querySelectorAll('.visually-hidden')].length;
    if (!hidden && rects.length && (right > box.right + 1.5 || left < box.left - 1.5)) out.push('words out of: ' + what(e));
    if (e.scrollWidth > e.clientWidth + 1 && s.overflowX !== 'visible' && !hidden) out.push('words cut in: ' + what(e));
  }
}
return [...new Set(out)];
