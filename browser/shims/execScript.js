// Small things that only old browsers had.
window.execScript = (text) => { (0, eval)(text); };
window.navigate = (url) => { location.href = url; };
if (!document.frames) Object.defineProperty(Document.prototype, 'frames', {configurable: true, get() { return this.defaultView; }});
if (!document.selection) document.selection = {createRange: () => ({text: String(getSelection()), select() {}}), empty() { getSelection().removeAllRanges(); }};
