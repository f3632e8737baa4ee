/* 现成的话: puts a template into its field without leaving the page; without this the link opens the form filled in. */
document.addEventListener('click', function (event) {
  'use strict';
  var link = event.target.closest ? event.target.closest('[data-fill]') : null;
  var field = link && document.getElementById(link.getAttribute('data-fill'));
  if (!field) { return; }
  event.preventDefault();
  field.value = (field.value.trim() ? field.value.trim() + '\n' : '') + link.getAttribute('data-words');
  field.focus();
});
