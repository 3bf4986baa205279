// showModalDialog waits in old browsers until its window has closed. Here the
// window opens, the handler that asked is given up, and run once more with the
// window's answer after the window has closed itself. That is done only where the
// handler stands in an event that is still going on and nothing was sent since it
// began, so that nothing is sent twice. Elsewhere a question comes up that no
// playbook expects: it is denied, and a person looks.
(() => {
  const fresh = () => ({event: null, turn: 0, sent: 0, answers: [], at: 0, again: false, stop: {toString: () => 'showModalDialog'}});
  // All frames of a tab share what goes on: a handler of one may ask through another.
  const all = (() => { try { return top.jingbanModals || (top.jingbanModals = fresh()); } catch { return fresh(); } })();
  const goesOn = () => all.event !== null && all.event.eventPhase !== 0;
  for (const kind of ['click', 'dblclick', 'mousedown', 'mouseup', 'change', 'keydown', 'keypress', 'keyup', 'submit']) {
    addEventListener(kind, (e) => {
      if (goesOn()) return; // one within another: the outer one is run again
      Object.assign(all, {event: e, sent: 0, at: 0});
      if (!all.again) Object.assign(all, {turn: all.turn + 1, answers: []});
    }, true);
  }
  addEventListener('error', (e) => { if (e.error === all.stop) { e.preventDefault(); e.stopImmediatePropagation(); } }, true);

  // What sends, counted.
  const open = window.open;
  const count = (on, name) => { const was = on && on[name]; if (was) on[name] = function (...args) { all.sent++; return was.apply(this, args); }; };
  for (const [on, name] of [[XMLHttpRequest.prototype, 'send'], [window, 'fetch'], [window, 'open'], [HTMLFormElement.prototype, 'submit'], [HTMLFormElement.prototype, 'requestSubmit'], [Navigator.prototype, 'sendBeacon']]) count(on, name);
  if (window.navigation) navigation.addEventListener('navigate', () => { all.sent++; });
  const asks = (n) => n.nodeType === 1 && (/^I?FRAME$/.test(n.tagName) || n.src && (n.tagName === 'SCRIPT' || n.tagName === 'IMG' && n.src.includes('?')) || [...n.children].some(asks));
  const note = (records) => { for (const r of records) if (r.type === 'attributes' ? asks(r.target) : [...r.addedNodes].some(asks)) all.sent++; };
  const changes = new MutationObserver(note);
  changes.observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['src']});
  const src = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src');
  Object.defineProperty(HTMLImageElement.prototype, 'src', {...src, set(v) { if (String(v).includes('?')) all.sent++; src.set.call(this, v); }});

  const refuse = () => { window.confirm('showModalDialog：此处不能自动继续，请人工办理'); throw all.stop; };
  window.showModalDialog = (url, args, features) => {
    note(changes.takeRecords());
    const known = all.answers[all.at], e = all.event;
    if (!goesOn()) refuse();
    if (known && known.url === String(url)) { all.at++; return known.value; }
    if (known || all.sent) refuse();
    const size = String(features || '').replace(/dialog(Width|Height)\s*[:=]\s*(\d+)[a-z]*/gi, (_, d, n) => d.toLowerCase() + '=' + n).replace(/;/g, ',');
    const w = open.call(window, url, '_blank', 'popup,' + size);
    if (!w) refuse();
    const {turn, answers} = all, target = e.composedPath()[0] || e.target;
    const asked = window.jingbanModal = {args, done: undefined, closed: false};
    const look = setInterval(() => {
      if (!w.closed) return;
      clearInterval(look);
      if (!asked.closed || all.turn !== turn) return; // somebody else closed it, or something has happened since
      answers.push({url: String(url), value: asked.done});
      all.again = true;
      try {
        if (e.type === 'submit') target.requestSubmit(e.submitter); else target.dispatchEvent(new e.constructor(e.type, e));
      } finally { all.again = false; }
    }, 30);
    e.preventDefault();
    e.stopImmediatePropagation();
    throw all.stop;
  };

  // In the window that was opened so.
  const asked = (() => { try { return window.opener && window.opener.jingbanModal; } catch { return null; } })();
  if (asked) {
    window.dialogArguments = asked.args;
    Object.defineProperty(window, 'returnValue', {configurable: true, get: () => asked.done, set: (v) => { asked.done = v; }});
    const close = window.close;
    window.close = () => { asked.closed = true; close.call(window); };
  }
})();
