/* 差不多的事: asks once the typing pauses. Nothing is lost without it: a button does the same. */
(function () {
  'use strict';
  var place = document.querySelector('[data-similar]');
  var field = place && document.getElementById(place.getAttribute('data-from'));
  if (!field || !window.fetch) { return; }
  var waits = 0, asked = '';
  function ask() {
    var words = field.value.trim().slice(0, 200);
    if (words === asked) { return; }
    asked = words;
    if (words.length < 2) { place.textContent = ''; return; }
    fetch(place.getAttribute('data-similar') + '?part=1&words=' + encodeURIComponent(words), { credentials: 'same-origin' })
      .then(function (answer) { return answer.ok ? answer.text() : ''; })
      /* A later question may have been answered sooner. */
      .then(function (html) { if (words === asked) { place.innerHTML = html; } })
      .catch(function () { asked = ''; });
  }
  field.addEventListener('input', function () { clearTimeout(waits); waits = setTimeout(ask, 900); });
  if (field.value) { ask(); }
})();
