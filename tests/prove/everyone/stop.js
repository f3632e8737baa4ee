// Where the focus is: its name, what shows it (contrast of ring and ground as WCAG 1.4.11 counts it), and its place.
const e = document.activeElement;
if (!e || e === document.body || e === document.documentElement) { window.stops = []; return null; }
const lum = c => { const v = c.map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
  return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
const parse = text => { const m = (text || '').match(/rgba?\(([^)]+)\)/); if (!m) return null;
  const p = m[1].split(',').map(Number); return p.length > 3 && p[3] < .95 ? (p[3] < .6 ? null : p.slice(0, 3)) : p.slice(0, 3); };
const ground = x => { for (let p = x; p; p = p.parentElement) { const c = parse(getComputedStyle(p).backgroundColor);
  if (c) return c; } return [255, 255, 255]; };
const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
// A box that is drawn by its label, or hidden behind it, shows its focus there.
const beside = e.nextElementSibling, bar = e.matches('.h-menu-box') && document.querySelector('.h-menu-bar label');
const drawn = bar || (e.matches('.btn-check') && beside) || (e.matches('.visually-hidden, input[type=file]') && e.closest('label')) || e;
const ring = x => { const s = getComputedStyle(x), back = ground(x.parentElement || x), out = [];
  const line = parse(s.outlineColor);
  if (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && line) out.push(ratio(line, back));
  for (const part of s.boxShadow.split(/,(?![^(]*\))/)) { const c = parse(part);
    const px = (part.match(/-?[0-9.]+px/g) || []).map(parseFloat);
    if (c && px.length >= 4 && px[3] >= 2) out.push(ratio(c, back)); }
  return Math.max(0, ...out); };
const box = drawn.getBoundingClientRect();
const covers = e.matches(':focus-visible') || e.matches('input, textarea, select');
let at = document.elementFromPoint(Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1),
  Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1));
const labels = e.labels ? [...e.labels].map(l => l.innerText).join(' ') : '';
if (!window.stops) window.stops = [];
const before = window.stops[window.stops.length - 1];
const forward = !before || !before.isConnected || !!(before.compareDocumentPosition(e) & 4) || before === e;
window.stops.push(e);
return {name: [e.getAttribute('aria-label') || '', labels, e.innerText || '', e.value && e.matches('[type=submit]') ? e.value : '']
    .join(' ').trim().replace(/\s+/g, ' '), tag: e.tagName, type: e.type || '', id: e.id, checked: !!e.checked,
  open: e.tagName === 'SUMMARY' ? e.parentElement.open : null, forward, contrast: ring(drawn), matches: covers,
  wide: box.width, high: box.height, top: box.top, bottom: box.bottom, tall: innerHeight,
  hidden: !!(at && at !== drawn && !drawn.contains(at) && !at.contains(drawn) && at.closest('.h-actbar, .h-tabbar, .h-toast')),
  html: e.outerHTML.slice(0, 130)};
