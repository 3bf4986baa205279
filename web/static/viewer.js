// Document viewer: a box on the picture and the row beside it light up together;
// a tab shows one page at a time.
(function () {
  "use strict";

  function twins(key) { return document.querySelectorAll('[data-key="' + CSS.escape(key) + '"]'); }

  function light(key, on) {
    twins(key).forEach(function (el) { el.classList.toggle("lit", on); });
  }

  function show(viewer, id) {
    var sheets = viewer.querySelectorAll(".sheet");
    if (sheets.length < 2 || !viewer.querySelector(".tabs")) return;
    sheets.forEach(function (sheet) { sheet.hidden = sheet.id !== id; });
    viewer.querySelectorAll(".tabs a").forEach(function (tab) {
      if (tab.hash === "#" + id) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    });
  }

  // bring turns to the page that holds the box of a field or finding.
  function bring(key) {
    var box = document.querySelector('.mark[data-key="' + CSS.escape(key) + '"]');
    var sheet = box && box.closest(".sheet"), viewer = box && box.closest("[data-viewer]");
    if (!sheet) return;
    if (viewer.querySelector(".tabs")) show(viewer, sheet.id);
    else sheet.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  function keyOf(event) {
    var el = event.target.closest && event.target.closest("[data-key]");
    return el && el.dataset.key;
  }

  ["mouseover", "focusin"].forEach(function (name) {
    document.addEventListener(name, function (event) { var key = keyOf(event); if (key) light(key, true); });
  });
  ["mouseout", "focusout"].forEach(function (name) {
    document.addEventListener(name, function (event) { var key = keyOf(event); if (key) light(key, false); });
  });

  document.addEventListener("click", function (event) {
    var tab = event.target.closest(".tabs a");
    if (tab) {
      event.preventDefault();
      show(tab.closest("[data-viewer]"), tab.hash.slice(1));
      return;
    }
    var mark = event.target.closest(".mark");
    if (mark) {
      twins(mark.dataset.key).forEach(function (el) {
        if (el !== mark) { el.scrollIntoView({ block: "center" }); (el.querySelector("input:not([type=hidden])") || el).focus(); }
      });
      return;
    }
    var key = keyOf(event);
    if (key) bring(key);
  });

  // A value that differs from what was read is shown as changed.
  document.addEventListener("input", function (event) {
    var row = event.target.closest(".value");
    if (row) row.classList.toggle("changed", event.target.value !== event.target.defaultValue);
  });

  function start() {
    document.querySelectorAll("[data-viewer]").forEach(function (viewer) {
      var wanted = viewer.querySelector(".sheet:has(.mark.BLOCK)") || viewer.querySelector(".sheet");
      if (wanted) show(viewer, wanted.id);
    });
  }
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSwap", start);
})();
