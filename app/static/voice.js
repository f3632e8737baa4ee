/* Records a voice note in the page and puts it into the file field. Without this file the field itself still works. */
(function () {
  'use strict';
  var SECONDS = 300;
  var box = document.querySelector('[data-voice]');
  var input = box && box.querySelector('input[type=file]'), panel = box && box.querySelector('[data-voice-record]');
  if (!input || !panel || !window.MediaRecorder || !window.DataTransfer || !navigator.mediaDevices) { return; }
  try { new DataTransfer().items.add(new File([''], 'a')); } catch (error) { return; }

  var button = panel.querySelector('[data-voice-button]'), status = panel.querySelector('[data-voice-status]');
  var fresh = panel.querySelector('[data-voice-new]'), again = panel.querySelector('[data-voice-again]');
  var most = Number(box.getAttribute('data-most')) || 1, recorder = null, timer = 0, seconds = 0, notes = [];

  function tell(name, value) { status.textContent = name ? status.getAttribute('data-' + name).replace('{}', value) : ''; }
  function label(running) {
    button.querySelector('span').textContent = button.getAttribute(running ? 'data-busy-words' : 'data-idle');
    button.setAttribute('aria-pressed', running ? 'true' : 'false');
  }
  function show() {
    var held = new DataTransfer();
    notes.forEach(function (note) { held.items.add(note); });
    input.files = held.files;
    Array.prototype.forEach.call(fresh.querySelectorAll('audio'), function (old) { URL.revokeObjectURL(old.src); });
    fresh.textContent = '';
    notes.forEach(function (note) {
      var player = document.createElement('audio');
      player.controls = true; player.src = URL.createObjectURL(note);
      fresh.appendChild(player);
    });
    again.hidden = notes.length === 0; button.hidden = notes.length >= most;
  }
  function finish(kind, pieces, stream) {
    clearInterval(timer); label(false); recorder = null;
    stream.getTracks().forEach(function (track) { track.stop(); });
    var ending = /mp4/.test(kind) ? 'm4a' : /ogg/.test(kind) ? 'ogg' : 'webm';
    notes.push(new File([new Blob(pieces, { type: kind })], 'voice-' + (notes.length + 1) + '.' + ending, { type: kind }));
    show(); tell('done');
  }
  function start() {
    navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
      var pieces = [];
      recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32000 });
      recorder.ondataavailable = function (event) { if (event.data.size) { pieces.push(event.data); } };
      recorder.onstop = function () { finish(recorder.mimeType || 'audio/webm', pieces, stream); };
      recorder.start(); seconds = 0; label(true); tell('on', 0);
      timer = setInterval(function () {
        seconds += 1; tell('on', seconds);
        if (seconds >= SECONDS && recorder) { recorder.stop(); }
      }, 1000);
    }).catch(function () { tell('refused'); });
  }
  button.addEventListener('click', function () { if (recorder) { recorder.stop(); } else { start(); } });
  again.addEventListener('click', function () { notes.pop(); show(); tell(''); });
  input.addEventListener('change', function () { notes = Array.prototype.slice.call(input.files, 0, most); show(); });
  input.form.addEventListener('submit', function () { if (recorder) { recorder.stop(); } });
  panel.hidden = false;
})();
