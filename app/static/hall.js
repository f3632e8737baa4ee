/* Comforts only: every page reads and submits without this file. No dependencies, no inline handlers. */
(function () {
  'use strict';
  var root = document.documentElement;
  function each(selector, work, from) { Array.prototype.forEach.call((from || document).querySelectorAll(selector), work); }

  /* 关怀版: the server prints data-elder from a cookie; here the page turns at once and the server is told. */
  function elder(form) {
    var on = root.getAttribute('data-elder') !== 'on';
    var body = new URLSearchParams(new FormData(form));
    body.set('elder', on ? 'on' : 'off');
    fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin', redirect: 'manual' }).then(function (answer) {
      if (answer.type !== 'opaqueredirect' && !answer.ok) { throw new Error('refused'); }
      if (on) { root.setAttribute('data-elder', 'on'); } else { root.removeAttribute('data-elder'); }
      each('form[data-elder-form]', function (f) {
        var b = f.querySelector('button');
        f.elements.elder.value = on ? 'off' : 'on';
        b.querySelector('span').textContent = b.getAttribute(on ? 'data-off' : 'data-on');
      });
    }).catch(function () { form.submit(); });
  }

  /* A second click on a button must not send the form twice. The button comes back when the page is shown again. */
  function guard(event) {
    var form = event.target;
    if (event.defaultPrevented) { return; }
    if (form.hasAttribute('data-elder-form') && window.fetch) { event.preventDefault(); elder(form); return; }
    if ((form.method || '').toLowerCase() !== 'post' || form.hasAttribute('hx-post')) { return; }
    if (form.hasAttribute('data-sent')) { event.preventDefault(); return; }
    form.setAttribute('data-sent', '');
    /* Disabled after the event, or the pressed button's own name and value would not be sent. */
    setTimeout(function () {
      each('button[type=submit], button:not([type])', function (b) {
        b.disabled = true; b.setAttribute('aria-busy', 'true');
        if (b.getAttribute('data-busy')) { b.setAttribute('data-was', b.innerHTML); b.textContent = b.getAttribute('data-busy'); }
      }, form);
    }, 0);
  }
  function again() {
    each('form[data-sent]', function (form) {
      form.removeAttribute('data-sent');
      each('[aria-busy]', function (b) {
        b.disabled = false; b.removeAttribute('aria-busy');
        if (b.hasAttribute('data-was')) { b.innerHTML = b.getAttribute('data-was'); b.removeAttribute('data-was'); }
      }, form);
    });
  }
  document.addEventListener('submit', guard);
  window.addEventListener('pageshow', function (event) { if (event.persisted) { again(); } });

  /* 念给我听: shown only where the browser can speak. */
  function read(button) {
    var speech = window.speechSynthesis, target = document.getElementById(button.getAttribute('data-read'));
    if (speech.speaking) { speech.cancel(); return; }
    if (!target) { return; }
    var words = new SpeechSynthesisUtterance(target.getAttribute('data-spoken') || target.textContent.replace(/\s+/g, ' '));
    words.lang = root.lang || 'zh-CN'; words.rate = 0.85;
    speech.speak(words);
  }
  if ('speechSynthesis' in window && 'SpeechSynthesisUtterance' in window) {
    each('[data-read]', function (b) { b.hidden = false; });
    window.addEventListener('pagehide', function () { window.speechSynthesis.cancel(); });
  }

  /* Words on a button that name the choice, small pictures of what was picked. */
  function named(input) {
    var form = input.form, button = form && form.querySelector('[data-names-choice]');
    if (!button || input.type !== 'radio' || !input.checked) { return; }
    var text = input.getAttribute('data-says');
    if (text) { button.querySelector('span').textContent = button.getAttribute('data-names-choice').replace('{}', text); }
  }
  function pictures(input) {
    var list = document.getElementById(input.getAttribute('data-previews'));
    if (!list || !window.URL) { return; }
    each('.is-new', function (old) { URL.revokeObjectURL(old.firstChild.src); old.parentNode.removeChild(old); }, list);
    Array.prototype.slice.call(input.files, 0, 6).forEach(function (file) {
      var frame = document.createElement('div'), image = document.createElement('img');
      frame.className = 'h-photo is-new'; image.src = URL.createObjectURL(file); image.alt = file.name;
      frame.appendChild(image); list.insertBefore(frame, list.lastElementChild);
    });
  }

  document.addEventListener('change', function (event) {
    if (event.target.hasAttribute('data-previews')) { pictures(event.target); }
    if (event.target.hasAttribute('data-autosubmit') && event.target.form) { event.target.form.submit(); }
    named(event.target);
    /* What a choice asks for unfolds with it; without script the fold says in words whom it is for. */
    each('details[data-open-for]', function (fold) {
      var choice = document.getElementById(fold.getAttribute('data-open-for'));
      if (choice && choice.checked) { fold.open = true; }
    });
  });
  each('input[type=radio][data-says]:checked', named);
  document.addEventListener('click', function (event) {
    var b = event.target.closest ? event.target.closest('[data-print], [data-read]') : null;
    if (!b) { return; }
    if (b.hasAttribute('data-print')) { window.print(); } else { read(b); }
  });
  each('[data-print]', function (b) { b.hidden = false; });

  /* The staff menu on a phone is a checkbox; Escape closes it and focus returns. */
  document.addEventListener('keydown', function (event) {
    var box = document.getElementById('menu-open');
    if (event.key === 'Escape' && box && box.checked) { box.checked = false; box.focus(); }
  });

  /* After a refused form the summary of errors is read first. */
  var summary = document.querySelector('[data-error-summary]');
  if (summary) { summary.focus(); }
})();
