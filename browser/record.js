(() => {
  'use strict';
  // A frame that lets its parent in is looked at from the top, as playback does.
  const home = () => { try { return top[NAME] ? top : globalThis; } catch { return globalThis; } };
  const tell = (el, happened) => home()[NAME]({do: 'deed', el, happened}).then((got) => { if (got.ok) jingbanTell(JSON.stringify({...got.ok, page: location.pathname})); }, () => {});
  const target = (e) => e.composedPath()[0];
  addEventListener('click', (e) => { if (e.isTrusted && target(e).nodeType === 1) tell(target(e), 'click'); }, true);
  addEventListener('change', (e) => { if (target(e).nodeType === 1) tell(target(e), 'change'); }, true);
})();
