// What every probe knows: whether an element is seen, what scrolls by itself, and how an element is named in a finding.
const shown = e => { const s = getComputedStyle(e), r = e.getBoundingClientRect();
  for (let p = e; p; p = p.parentElement) if (getComputedStyle(p).clipPath === 'inset(50%)') return false;
  return s.visibility !== 'hidden' && s.display !== 'none' && r.width > 1 && r.height > 1
    && !e.closest('.visually-hidden, .visually-hidden-focusable, [hidden], .h-skip, .h-sprite')
    && (!e.checkVisibility || e.checkVisibility()); };
const scrolls = e => { for (let p = e; p && p !== document.documentElement; p = p.parentElement)
  if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return p; return null; };
const words = e => (e.innerText || e.value || '').trim().replace(/\s+/g, ' ').slice(0, 60);
const what = e => e.tagName.toLowerCase() + (e.className && e.className.baseVal === undefined
  ? '.' + String(e.className).trim().split(/\s+/).slice(0, 2).join('.') : '') + ' «' + words(e) + '»';
