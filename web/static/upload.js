// Upload: files are dropped or chosen, each gets its kind, and they are sent one
// by one through the API. Without script the form sends them all at once.
(function () {
  "use strict";
  var form = document.querySelector("[data-drop]");
  if (!form) return;
  var queue = form.querySelector("[data-queue]"), row = form.querySelector("[data-row]");
  var input = form.querySelector("input[type=file]");
  var endpoint = "/api/v1" + new URL(form.action).pathname;
  var waiting = [];
  form.classList.add("enhanced");

  function sizeText(n) { return n < 1024 * 1024 ? Math.ceil(n / 1024) + " KB" : (n / 1024 / 1024).toFixed(1) + " MB"; }

  function refresh() { form.classList.toggle("filled", waiting.length > 0); }

  function add(file) {
    var el = row.content.firstElementChild.cloneNode(true);
    var item = { file: file, el: el, key: crypto.randomUUID ? crypto.randomUUID() : String(Date.now() + Math.random()) };
    el.querySelector(".name").textContent = file.name;
    el.querySelector(".size").textContent = sizeText(file.size);
    if (/^image\//.test(file.type)) {
      el.querySelector("img").addEventListener("error", function () { this.removeAttribute("src"); }); // HEIC, TIFF
      el.querySelector("img").src = URL.createObjectURL(file);
    }
    el.querySelector(".remove").addEventListener("click", function () {
      waiting = waiting.filter(function (other) { return other !== item; });
      el.remove();
      refresh();
    });
    waiting.push(item);
    queue.append(el);
    refresh();
  }

  function send(item) {
    var body = new FormData(), state = item.el.querySelector(".state");
    body.append("slot", item.el.querySelector("select").value);
    body.append("file", item.file);
    state.textContent = "…";
    return fetch(endpoint, { method: "POST", body: body, headers: { "Idempotency-Key": item.key } }).then(function (answer) {
      if (answer.ok) {
        state.textContent = "✓";
        waiting = waiting.filter(function (other) { return other !== item; });
        return;
      }
      return answer.json().then(function (problem) {
        var zh = document.documentElement.lang !== "en";
        state.className = "state bad";
        state.textContent = (zh ? problem.title_zh + problem.fix_zh : problem.title + " " + problem.fix_en);
      });
    }).catch(function () { state.className = "state bad"; state.textContent = "✗"; });
  }

  input.addEventListener("change", function () {
    Array.from(input.files).forEach(add);
    input.value = "";
  });
  ["dragenter", "dragover"].forEach(function (name) {
    form.addEventListener(name, function (event) { event.preventDefault(); form.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    form.addEventListener(name, function (event) { event.preventDefault(); form.classList.remove("over"); });
  });
  form.addEventListener("drop", function (event) { Array.from(event.dataTransfer.files).forEach(add); });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var button = form.querySelector("[data-send]");
    button.disabled = true;
    waiting.slice().reduce(function (before, item) {
      return before.then(function () { return send(item); });
    }, Promise.resolve()).then(function () {
      button.disabled = false;
      if (waiting.length === 0) location.reload();
    });
  });
})();
