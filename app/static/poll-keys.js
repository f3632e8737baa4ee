/* 录票: 1–9 marks the question and goes on to the next, 0 is a spoiled one, Enter keeps the sheet. The form works without. */
(function () {
  'use strict';
  var form = document.querySelector('.h-keying');
  if (!form) { return; }
  var rows = Array.prototype.slice.call(form.querySelectorAll('[data-keys]'));
  var first = form.querySelector('[data-keys-first]');
  function open(row) { return !row.querySelector('input:checked'); }
  function current() {
    var here = document.activeElement && document.activeElement.closest ? document.activeElement.closest('[data-keys]') : null;
    return here || rows.filter(open)[0] || rows[rows.length - 1];
  }
  function go(row) {
    var next = rows[rows.indexOf(row) + 1];
    var target = next ? next.querySelector('input:checked') || next.querySelector('input') : form.querySelector('button[type=submit]');
    target.focus();
  }
  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey) { return; }
    var typing = event.target === first;
    if (event.key === 'Enter' && typing) { event.preventDefault(); rows[0].querySelector('input').focus(); return; }
    if (typing || /^(select|textarea|text|search)$/.test(event.target.type || '')) { return; }
    if (/^[0-9]$/.test(event.key)) {
      var row = current(), mark = row.querySelector('[data-key="' + event.key + '"]');
      if (mark) { event.preventDefault(); mark.checked = true; mark.focus(); go(row); }
    } else if (event.key === 'Enter' && event.target.type !== 'submit' && event.target.tagName !== 'A') {
      event.preventDefault();
      /* Not form.submit(): the guard against a second click listens for the event. */
      form.querySelector('button[type=submit]').click();
    }
  });
  if (!document.querySelector('[data-error-summary]')) { (first || rows[0].querySelector('input')).focus(); }
})();
