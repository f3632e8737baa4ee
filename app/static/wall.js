/* The wall renews itself every minute and keeps what it has while the line is down. Without this file the page reloads. */
(function () {
  'use strict';
  var box = document.querySelector('[data-wall]');
  if (!box || !window.fetch || !window.DOMParser) { return; }
  var every = Number(box.getAttribute('data-seconds')) * 1000, tag = box.getAttribute('data-tag');
  var lost = box.getAttribute('data-lost'), last = clockOf(), asking = false;
  function two(n) { return (n < 10 ? '0' : '') + n; }
  function clockOf() { var d = new Date(Date.now() + 8 * 3600000); return two(d.getUTCHours()) + ':' + two(d.getUTCMinutes()); }
  function tick() { var place = box.querySelector('[data-wall-clock]'); if (place) { place.textContent = clockOf(); } }
  function say(words) { var place = box.querySelector('[data-wall-lost]'); if (place) { place.textContent = words; place.hidden = !words; } }
  function ask() {
    if (asking) { return; }
    asking = true;
    fetch(box.getAttribute('data-wall'), { credentials: 'same-origin', cache: 'no-store', headers: { 'If-None-Match': '"' + tag + '"' } }).then(function (answer) {
      if (answer.status === 304) { return ''; }
      /* Signed out: the way in stands on the page one is sent to. */
      if (answer.redirected) { window.location.reload(); return ''; }
      if (!answer.ok) { throw new Error('refused'); }
      return answer.text();
    }).then(function (html) {
      var fresh = html && new DOMParser().parseFromString(html.replace(/<style[^]*?<\/style>/g, ''), 'text/html').querySelector('[data-wall]');
      if (html && !fresh) { throw new Error('not the wall'); }
      if (fresh) { box.innerHTML = fresh.innerHTML; tag = fresh.getAttribute('data-tag'); }
      last = clockOf(); say('');
    }).catch(function () { say(lost.replace('{}', last)); }).then(function () { asking = false; tick(); });
  }
  setInterval(tick, 5000);
  setInterval(ask, every);
  window.addEventListener('online', ask);
}());
