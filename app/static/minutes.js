/* What is being typed of the minutes saves itself; when another has saved the same row, both texts stand side by side. */
(function () {
  'use strict';
  var form = document.querySelector('[data-autosave]');
  if (!form || !window.fetch || !window.crypto) { return; }
  var EVERY = 3000;
  var speaker = form.elements.speaker, words = form.elements.words, once = form.elements.once, version = form.elements.version;
  var status = form.querySelector('[data-autosave-status]'), clash = form.querySelector('[data-autosave-clash]');
  var first = form.action, target = first, saved = '', saving = null, waits = 0, theirs = null;

  function text() { return speaker.value.trim() + '\n' + words.value.trim(); }
  function whole() { return speaker.value.trim() && words.value.trim(); }
  function fresh() {
    var b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64; b[8] = (b[8] & 63) | 128;
    var hex = Array.prototype.map.call(b, function (n) { return (n < 16 ? '0' : '') + n.toString(16); }).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
  function settle(version_now) { version.value = version_now; clash.hidden = true; theirs = null; }
  function quarrel(found) {
    theirs = found; clash.hidden = false;
    clash.querySelector('[data-clash-words]').textContent = found.words;
    clash.querySelector('[data-clash-theirs]').textContent = found.speaker + '：' + found.theirs;
    status.textContent = '';
  }
  function save() {
    clearTimeout(waits); waits = 0;
    if (saving || theirs || !whole() || text() === saved) { return saving || Promise.resolve(); }
    var sent = text();
    saving = fetch(target, { method: 'POST', body: new URLSearchParams(new FormData(form)), credentials: 'same-origin', headers: { Accept: 'application/json' } }).then(function (answer) {
      if (answer.status !== 200 && answer.status !== 409 && answer.status !== 422) { throw new Error('refused'); }
      return answer.json().then(function (found) {
        if (answer.status === 409) { quarrel(found); return; }
        status.textContent = found.words;
        if (answer.status === 200) { saved = sent; version.value = found.version; target = found.url; }
      });
    }).catch(function () { status.textContent = form.getAttribute('data-unsaved'); plan(); }).then(function () {
      saving = null;
      if (whole() && text() !== saved && !theirs) { plan(); }
    });
    return saving;
  }
  /* The pause does not begin anew with each letter, or whoever types without a rest would never be saved. */
  function plan() { if (!waits) { waits = setTimeout(save, EVERY); } }
  function typed() {
    if (!saved && !whole()) { status.textContent = form.getAttribute('data-incomplete'); }
    plan();
  }
  form.addEventListener('input', typed);
  form.addEventListener('focusout', function () { save(); });

  /* The row is done: it is saved once more, and an empty one begins. Without an answer the plain form is sent. */
  form.addEventListener('submit', function (event) {
    if (!whole() || theirs || !window.URLSearchParams) { return; }
    event.preventDefault();
    form.removeAttribute('data-sent');
    (saving || Promise.resolve()).then(save).then(function () {
      if (theirs) { return; }
      if (text() !== saved) { form.submit(); return; }
      speaker.value = words.value = saved = ''; once.value = fresh(); version.value = '0'; target = first;
      speaker.focus();
      document.dispatchEvent(new CustomEvent('live:ask'));
    });
  }, true);

  clash.querySelector('[data-clash-mine]').addEventListener('click', function () { settle(theirs.version); save(); });
  clash.querySelector('[data-clash-take]').addEventListener('click', function () {
    speaker.value = theirs.speaker; words.value = theirs.theirs; saved = text(); settle(theirs.version);
  });
  clash.querySelector('[data-clash-join]').addEventListener('click', function () {
    words.value = theirs.theirs + '\n' + words.value; settle(theirs.version); save();
  });

  var chips = form.querySelector('[data-chips]');
  if (chips) {
    chips.hidden = false;
    chips.addEventListener('click', function (event) {
      var one = event.target.closest('[data-speaker]');
      if (one) { speaker.value = one.getAttribute('data-speaker'); words.focus(); typed(); }
    });
  }
  window.addEventListener('beforeunload', function (event) { if (whole() && text() !== saved) { event.preventDefault(); event.returnValue = ''; } });
})();
