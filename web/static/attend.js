// A page in a worker's browser, seen and worked on from here: pictures come, mouse and
// keys go. What is typed is sent on at once and kept nowhere.
(function () {
  "use strict";

  var box = document.querySelector("[data-attend]");
  if (!box) return;
  var base = box.dataset.attend, screen = box.querySelector("[data-screen]"), picture = box.querySelector("[data-picture]");
  var keys = box.querySelector("[data-keys]"), said = box.querySelector("[data-said]"), shown = "";
  var KEYS = /^(Enter|Tab|Escape|Backspace|Delete|Home|End|PageUp|PageDown|ArrowUp|ArrowDown|ArrowLeft|ArrowRight|F2|F4|F5|F8|F9|F12)$/;
  var last = Promise.resolve();

  // send keeps the order in which things were done.
  function send(touch) {
    last = last.then(function () {
      return fetch(base + "/touch", { method: "POST", body: new URLSearchParams(touch) });
    }).then(look, look);
    return last;
  }

  function show(view) {
    box.querySelector("[data-wait]").hidden = true;
    screen.hidden = box.querySelector("[data-hint]").hidden = false;
    if (view.picture !== shown) {
      shown = view.picture;
      picture.src = "data:image/jpeg;base64," + shown;
    }
    var lines = view.said || [];
    said.hidden = lines.length === 0;
    said.textContent = lines.join(" · ");
  }

  var looking = false;
  function look() {
    if (looking || document.hidden) return Promise.resolve();
    looking = true;
    return fetch(base + "/look").then(function (r) { return r.json(); }).then(function (got) {
      if (got.state === "wanted" || got.state === "open") { if (got.view) show(got.view); return; }
      location.reload();
    }).catch(function () {}).then(function () { looking = false; });
  }

  function place(event) {
    var r = picture.getBoundingClientRect();
    return { x: (event.clientX - r.left) / r.width, y: (event.clientY - r.top) / r.height };
  }

  picture.addEventListener("click", function (event) {
    var at = place(event);
    keys.focus({ preventScroll: true });
    send({ kind: "press", x: at.x, y: at.y });
  });
  screen.addEventListener("focus", function () { keys.focus({ preventScroll: true }); });
  screen.addEventListener("wheel", function (event) {
    event.preventDefault();
    var at = place(event);
    send({ kind: "wheel", x: at.x, y: at.y, by: event.deltaY });
  }, { passive: false });
  keys.addEventListener("keydown", function (event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !KEYS.test(event.key)) return;
    event.preventDefault();
    send({ kind: "key", text: event.key });
  });
  // flush sends what was typed, pasted or composed, and forgets it.
  function flush(event) {
    if (event.isComposing || keys.value === "") return;
    var text = keys.value;
    keys.value = "";
    send({ kind: "text", text: text });
  }
  box.querySelector("[data-reload]").addEventListener("click", function () { send({ kind: "reload" }); });
  keys.addEventListener("input", flush);
  keys.addEventListener("compositionend", flush);

  look();
  setInterval(look, 700);
})();
