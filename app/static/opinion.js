/* 存着: keeps an expert's opinion on the server while it is written. Without this a button does the same.
   It never overwrites what another window saved: then it stops and says so, and the button shows both texts. */
(function () {
  'use strict';
  var form = document.getElementById('opinion');
  var line = document.querySelector('[data-keep]');
  if (!form || !line || !window.fetch || !window.FormData) { return; }
  var field = form.elements.words, seen = form.elements.seen, kept = field.value, stopped = false, busy = false;
  function say(text) { line.textContent = text; }
  function keep() {
    if (stopped || busy || field.value === kept) { return; }
    var sent = field.value;
    busy = true;
    fetch(line.getAttribute('data-keep'), {
      method: 'POST', body: new FormData(form), credentials: 'same-origin', headers: { Accept: 'application/json' }
    }).then(function (answer) {
      return answer.json().then(function (told) {
        if (answer.ok) { kept = sent; seen.value = told.seen; say(told.said); return; }
        stopped = answer.status === 409 || answer.status === 410;
        say(told.problem || line.getAttribute(told.shut ? 'data-shut' : 'data-failed'));
      });
    }).catch(function () { say(line.getAttribute('data-failed')); }).then(function () { busy = false; });
  }
  setInterval(keep, 8000);
  field.addEventListener('blur', keep);
})();
