// Values that a person enters elsewhere: each has a button that copies it, and the
// key c copies the next one. Works without a secure context, too.
(function () {
  "use strict";
  var buttons = Array.from(document.querySelectorAll("[data-copy]"));
  if (buttons.length === 0) return;

  function select(cell) {
    var range = document.createRange();
    range.selectNodeContents(cell);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function next(from) {
    buttons.forEach(function (b) { b.removeAttribute("data-hotkey"); });
    var to = buttons[(from + 1) % buttons.length];
    to.setAttribute("data-hotkey", "c");
    buttons.forEach(function (b) { b.closest("tr").classList.toggle("here", b === to); });
  }

  function copied(i) {
    buttons[i].classList.add("done");
    next(i);
  }

  buttons.forEach(function (button, i) {
    button.addEventListener("click", function () {
      var cell = button.closest("tr").querySelector("[data-value]");
      select(cell);
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(cell.textContent).then(function () { copied(i); }, function () { if (document.execCommand("copy")) copied(i); });
      } else if (document.execCommand("copy")) {
        copied(i);
      }
    });
  });
  next(-1);
})();
