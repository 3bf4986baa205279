// Keyboard: rows of a list (j, k, Enter) and anything with data-hotkey.
// Never while somebody types or composes a character.
(function () {
  "use strict";

  function typing(event) {
    var el = event.target;
    return event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey ||
      /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName) || el.isContentEditable;
  }

  function move(step) {
    var rows = Array.from(document.querySelectorAll("[data-rows] tbody tr"));
    if (rows.length === 0) return false;
    var now = rows.findIndex(function (row) { return row.classList.contains("here"); });
    var next = Math.max(0, Math.min(rows.length - 1, now + step));
    if (now >= 0) rows[now].classList.remove("here");
    rows[next].classList.add("here");
    rows[next].scrollIntoView({ block: "nearest" });
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && document.activeElement) document.activeElement.blur();
    if (typing(event)) return;
    var hot = document.querySelector('[data-hotkey="' + CSS.escape(event.key) + '"]');
    if (hot) {
      event.preventDefault();
      if (hot.tagName === "INPUT") hot.focus(); else hot.click();
      return;
    }
    if (event.key === "j" || event.key === "ArrowDown") { if (move(1)) event.preventDefault(); }
    if (event.key === "k" || event.key === "ArrowUp") { if (move(-1)) event.preventDefault(); }
    if (event.key === "Enter") {
      var link = document.querySelector("[data-rows] tr.here a");
      if (link) link.click();
    }
  });
})();
