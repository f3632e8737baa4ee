// One h1, landmarks, heads of tables, live regions, ids that are named and stand once; wants ``lang``.
const out = [], all = s => [...document.querySelectorAll(s)];
const said = document.documentElement.lang;
if (said !== lang) out.push('lang is ' + said + ' and not ' + lang);
const heads = all('h1').filter(h => !h.closest('[hidden]'));
if (heads.length !== 1) out.push(heads.length + ' h1');
if (heads[0] && !heads[0].textContent.trim()) out.push('an empty h1');
if (all('main').length !== 1) out.push(all('main').length + ' main');
if (!document.title.trim()) out.push('no title');
const navs = all('nav').map(n => n.getAttribute('aria-label') || (n.getAttribute('aria-labelledby')
  && document.getElementById(n.getAttribute('aria-labelledby')).textContent) || '');
if (navs.some(n => !n.trim())) out.push('a nav without a name');
if (new Set(navs).size !== navs.length) out.push('two nav with one name: ' + navs.join(' | '));
let before = 0;
for (const h of all('h1, h2, h3, h4, h5, h6').filter(shown)) {
  const level = Number(h.tagName[1]);
  if (before && level > before + 1) out.push('from h' + before + ' to ' + what(h));
  before = level;
}
for (const t of all('table').filter(shown)) {
  if (!t.querySelector('th')) out.push('a table without heads: ' + what(t));
  if (!(t.caption && t.caption.textContent.trim()) && !t.getAttribute('aria-label') && !t.getAttribute('aria-labelledby'))
    out.push('a table without a name: ' + what(t));
  for (const th of t.querySelectorAll('thead th')) if (!th.scope) { out.push('a head without scope: ' + what(th)); break; }
}
for (const e of all('.h-flashes, [data-error-summary]')) if (!e.getAttribute('role')) out.push('not told: ' + what(e));
for (const e of all('[aria-describedby], [aria-labelledby], [aria-controls], label[for]')) for (const name of
  ['aria-describedby', 'aria-labelledby', 'aria-controls', 'for']) for (const id of (e.getAttribute(name) || '').split(/\s+/))
  if (id && !document.getElementById(id)) out.push(name + ' names nothing (' + id + '): ' + what(e));
for (const e of all('[aria-invalid=true]')) if (!e.getAttribute('aria-describedby')) out.push('wrong, but not why: ' + what(e));
const ids = all('[id]').map(e => e.id);
for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) out.push('two with the id ' + id);
for (const e of all('[tabindex]')) if (e.tabIndex > 0) out.push('jumps the queue: ' + what(e));
return [...new Set(out)];
