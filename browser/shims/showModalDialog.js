// showModalDialog waits in old browsers until its window has closed. Here the
// window opens, the handler that asked is given up, and run again with the
// window's answer once it has closed.
(() => {
  const answers = [];
  const stop = {toString: () => 'showModalDialog'};
  let current = null;
  for (const kind of ['click', 'dblclick', 'change', 'keydown', 'submit']) {
    addEventListener(kind, (e) => { current = e; answers.at = 0; if (!e.again) answers.length = 0; }, true);
  }
  addEventListener('error', (e) => { if (e.error === stop) { e.preventDefault(); e.stopImmediatePropagation(); } }, true);
  window.showModalDialog = (url, args, features) => {
    if (answers.at < answers.length) return answers[answers.at++].value;
    const size = String(features || '').replace(/dialog(Width|Height)\s*[:=]\s*(\d+)[a-z]*/gi, (_, d, n) => d.toLowerCase() + '=' + n).replace(/;/g, ',');
    const w = window.open(url, '_blank', 'popup,' + size);
    if (!w) return undefined;
    const again = current, target = again && (again.composedPath()[0] || again.target);
    window.jingbanModal = {args, done: undefined};
    const look = setInterval(() => {
      if (!w.closed) return;
      clearInterval(look);
      answers.push({value: window.jingbanModal.done});
      if (!target) return;
      const e = new again.constructor(again.type, again);
      e.again = true;
      target.dispatchEvent(e);
    }, 30);
    if (again) { again.preventDefault(); again.stopImmediatePropagation(); }
    throw stop;
  };
  const from = () => { try { return window.opener && window.opener.jingbanModal; } catch { return null; } };
  if (from()) {
    window.dialogArguments = from().args;
    let value;
    Object.defineProperty(window, 'returnValue', {configurable: true, get: () => value, set: (v) => { value = v; from().done = v; }});
  }
})();
