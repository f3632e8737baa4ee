/* 拷贝: puts the text of a field into the clipboard. Without this the field is selected by hand. */
(function () {
  'use strict';
  if (!navigator.clipboard) { return; }
  Array.prototype.forEach.call(document.querySelectorAll('[data-copy]'), function (button) {
    var field = document.getElementById(button.getAttribute('data-copy'));
    if (!field) { return; }
    button.hidden = false;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(field.value).then(function () {
        button.querySelector('span').textContent = button.getAttribute('data-done');
      }, function () { field.focus(); field.select(); });
    });
  });
})();
