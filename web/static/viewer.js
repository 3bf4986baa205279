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

  // An offered value is taken over by a click or its key; the next one moves up.
  document.addEventListener("click", function (event) {
    var offer = event.target.closest("[data-offer]");
    if (!offer) return;
    event.preventDefault();
    var row = offer.closest(".value"), input = row.querySelector("input:not([type=hidden])");
    input.value = offer.dataset.offer;
    row.querySelectorAll("[data-offer], [data-accept]").forEach(function (other) { other.remove(); });
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Handwriting is accepted as it was read, by a click or the same key.
  document.addEventListener("click", function (event) {
    var accept = event.target.closest("[data-accept]");
    if (!accept) return;
    event.preventDefault();
    var said = document.createElement("input");
    said.type = "hidden";
    said.name = accept.dataset.accept;
    said.value = "yes";
    var row = accept.closest(".value");
    row.classList.add("accepted");
    accept.replaceWith(said);
    row.querySelectorAll("[data-offer]").forEach(function (other) { other.remove(); }); // one key, one answer
  });

  // crop draws the place of a field from the page that is shown anyway.
  function crop(canvas) {
    var mark = document.querySelector('.mark[data-key="' + CSS.escape(canvas.dataset.crop) + '"]');
    var sheet = mark && mark.closest(".sheet"), img = sheet && sheet.querySelector("img");
    canvas.hidden = !img;
    if (!img) return;
    img.loading = "eager";
    function draw() {
      var page = mark.ownerSVGElement.viewBox.baseVal, scale = img.naturalWidth / page.width;
      var box = { x: +mark.getAttribute("x"), y: +mark.getAttribute("y"), w: +mark.getAttribute("width"), h: +mark.getAttribute("height") };
      var room = box.h / 2;
      canvas.height = 72;
      canvas.width = Math.min(900, 72 * (box.w + 2 * room) / (box.h + 2 * room));
      canvas.getContext("2d").drawImage(img, (box.x - room) * scale, (box.y - room) * scale,
        (box.w + 2 * room) * scale, (box.h + 2 * room) * scale, 0, 0, canvas.width, canvas.height);
    }
    if (img.complete && img.naturalWidth) draw(); else img.addEventListener("load", draw, { once: true });
  }

  function start() {
    document.querySelectorAll("canvas[data-crop]").forEach(crop);
    document.querySelectorAll("[data-viewer]").forEach(function (viewer) {
      var wanted = viewer.querySelector(".sheet:has(.mark.BLOCK)") || viewer.querySelector(".sheet");
      if (wanted) show(viewer, wanted.id);
    });
  }
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSwap", start);
})();
