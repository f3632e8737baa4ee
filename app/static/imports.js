/* The progress of an import: asked for each second; the page itself is loaded anew when the step has ended. */
(function () {
  'use strict';
  var box = document.querySelector('[data-import-progress]');
  if (!box || !window.fetch) { return; }
  var bar = box.querySelector('progress'), words = box.querySelector('[data-words]'), was = box.getAttribute('data-state'), lost = 0;
  document.querySelectorAll('[data-no-script]').forEach(function (link) { link.hidden = true; });
  function ask() {
    fetch(box.getAttribute('data-import-progress'), { credentials: 'same-origin', headers: { Accept: 'application/json' } })
      .then(function (answer) { if (!answer.ok) { throw new Error('refused'); } return answer.json(); })
      .then(function (now) {
        lost = 0;
        bar.value = now.percent; bar.textContent = now.percent + '%';
        if (words.textContent !== now.words) { words.textContent = now.words; }
        if (now.state !== was && !(was === 'uploaded' && now.state === 'checking')) { window.location.reload(); return; }
        was = now.state;
        setTimeout(ask, 1000);
      })
      .catch(function () { lost += 1; if (lost < 30) { setTimeout(ask, 2000); } else { window.location.reload(); } });
  }
  setTimeout(ask, 600);
})();
