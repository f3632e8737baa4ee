/* Writing down letters without a mouse: Ctrl and Enter in any field hands the letter in. */
(function () {
  'use strict';
  var form = document.getElementById('letter');
  if (!form) { return; }
  form.addEventListener('keydown', function (event) {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) { return; }
    event.preventDefault();
    if (form.requestSubmit) { form.requestSubmit(); } else { form.querySelector('button[type=submit]').click(); }
  });
})();
