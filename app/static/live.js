/* The sitting as it happens: asks about once a second what is new. Without this file a page shows what it was loaded with. */
(function () {
  'use strict';
  var box = document.querySelector('[data-live]');
  if (!box || !window.fetch) { return; }
  var PACE = 1200, SLOWEST = 10000, PATIENCE = 8000;
  var address = box.getAttribute('data-live'), tag = '"' + box.getAttribute('data-tag') + '"';
  var lost = document.querySelector('[data-live-lost]'), shift = 0, misses = 0, next = 0, asking = false;
  var last = 0, over = false;
  function each(selector, work, from) { Array.prototype.forEach.call((from || document).querySelectorAll(selector), work); }

  /* Time is the server's: a laptop that slept is right again with the first tick. */
  function now() { return Date.now() + shift; }
  function two(n) { return (n < 10 ? '0' : '') + n; }
  function wall(moment) { var d = new Date(moment + 8 * 3600000); return two(d.getUTCHours()) + ':' + two(d.getUTCMinutes()); }
  function heard(milliseconds) { shift = Number(milliseconds) - Date.now(); last = now(); }
  function tick() {
    each('[data-ends]', function (timer) {
      var of = Number(timer.getAttribute('data-of')), left = Math.max(0, Math.min(of, Math.ceil((Number(timer.getAttribute('data-ends')) - now()) / 1000)));
      timer.textContent = Math.floor(left / 60) + ':' + two(left % 60);
      timer.classList.toggle('is-over', left === 0);
      each('[data-live-bar]', function (bar) { bar.setAttribute('width', (left / of * 100).toFixed(1) + '%'); }, timer.parentNode);
    });
    each('[data-live-clock]', function (place) { place.textContent = wall(now()); });
  }

  function myHand() {
    var me = box.getAttribute('data-me'), place = document.querySelector('[data-hands]');
    if (!me || !place) { return; }
    var up = place.getAttribute('data-hands').split(' ').indexOf(me) >= 0;
    each('[data-when-hand]', function (form) { form.hidden = (form.getAttribute('data-when-hand') === 'up') !== up; });
  }
  function show(html) { box.innerHTML = html; myHand(); tick(); }

  /* The desk hears only that something is new; its own page brings the parts that changed. What is being typed stays. */
  function busy(part) {
    var active = document.activeElement;
    return (active && part.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName)) || part.querySelector('details[open] .is-touched, .is-touched');
  }
  function renew() {
    return fetch(window.location.href.split('#')[0], { credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.text() : null;
    }).then(function (html) {
      if (html === null) { return; }
      var fresh = new DOMParser().parseFromString(html.replace(/<style[^]*?<\/style>/g, ''), 'text/html');
      each('[data-live-part]', function (part) {
        var other = fresh.getElementById(part.id);
        if (!other || busy(part)) { return; }
        var open = Array.prototype.map.call(part.querySelectorAll('details'), function (d) { return d.open; });
        part.innerHTML = other.innerHTML;
        each('details', function (d, n) { if (open[n]) { d.open = true; } }, part);
      });
      tick();
      document.dispatchEvent(new CustomEvent('live:renewed'));
    });
  }

  function plan(wait) { clearTimeout(next); if (!over) { next = setTimeout(ask, wait); } }
  function pace() { return Math.min(SLOWEST, PACE * Math.pow(2, misses)) * (0.85 + Math.random() * 0.3); }
  function tell(words) { if (lost) { lost.textContent = words; lost.hidden = !words; } }
  function ask() {
    if (document.hidden || asking || over) { return; }
    asking = true;
    var stop = window.AbortController ? new AbortController() : null;
    var given = setTimeout(function () { if (stop) { stop.abort(); } }, PATIENCE);
    fetch(address, { credentials: 'same-origin', headers: { 'If-None-Match': tag }, signal: stop ? stop.signal : undefined }).then(function (answer) {
      if (answer.status === 404) { over = true; tell(box.getAttribute('data-gone')); return ''; }
      if (answer.status !== 304 && !answer.ok) { throw new Error('refused'); }
      heard(answer.headers.get('X-Hall-Clock'));
      misses = 0; tell('');
      if (answer.status === 304) { return ''; }
      var fresh = answer.headers.get('ETag');
      return (box.hasAttribute('data-live-desk') ? renew() : answer.text().then(show)).then(function () { tag = fresh; });
    }).catch(function () {
      misses += 1;
      tell(box.getAttribute('data-lost').replace('{}', wall(last)));
    }).then(function () { clearTimeout(given); asking = false; plan(pace()); });
  }
  function wake() { if (!document.hidden) { tick(); plan(0); } }

  heard(box.getAttribute('data-clock-now'));
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', wake);
  document.addEventListener('live:ask', wake);
  document.addEventListener('input', function (event) { if (event.target.closest('[data-live-part]')) { event.target.classList.add('is-touched'); } });
  setInterval(tick, 250);
  myHand(); tick(); plan(pace());
})();
