// Elements whose spoken name is written apart from what is seen on them: pairs of both.
return [...document.querySelectorAll('a[aria-label], button[aria-label], summary[aria-label]')].filter(shown)
  .map(e => [words(e), e.getAttribute('aria-label')]).filter(p => p[0]);
