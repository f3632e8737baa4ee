// Buttons of four lines, and buttons that lie on each other.
const out = [], all = [...document.querySelectorAll('a[href], button, summary, label.btn, input:not([type=hidden]), select, textarea')]
  .filter(e => shown(e) && !e.matches('.btn-check') && getComputedStyle(e).opacity !== '0' && !e.disabled);
for (const e of all.filter(e => e.matches('button, .btn, .h-tabs a, .h-tabbar a, .h-nav a'))) {
  const s = getComputedStyle(e), line = parseFloat(s.lineHeight) || parseFloat(s.fontSize) * 1.4;
  const range = document.createRange(); range.selectNodeContents(e);
  const tops = new Set([...range.getClientRects()].filter(r => r.width > 2 && r.height > 8).map(r => Math.round(r.top / line)));
  if (tops.size >= 4 && !e.matches('.h-choice, .is-pic, .h-card, .h-card *')) out.push(tops.size + ' lines: ' + what(e));
}
const still = all.filter(e => { for (let p = e; p; p = p.parentElement)
  if (['fixed', 'sticky'].includes(getComputedStyle(p).position)) return false; return true; });
const boxes = still.map(e => [e, [...e.getClientRects()]]);
for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < Math.min(boxes.length, i + 60); j++) {
  const [a, ra] = boxes[i], [b, rb] = boxes[j];
  if (a.contains(b) || b.contains(a) || scrolls(a) !== scrolls(b)) continue;
  if (ra.some(p => rb.some(q => Math.min(p.right, q.right) - Math.max(p.left, q.left) > 3
    && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 3))) out.push('on each other: ' + what(a) + ' and ' + what(b));
}
return [...new Set(out)];
