// The old way to listen, and the names that events had.
(() => {
  const on = (target) => {
    target.attachEvent = function (name, work) { this.addEventListener(name.replace(/^on/, ''), work); return true; };
    target.detachEvent = function (name, work) { this.removeEventListener(name.replace(/^on/, ''), work); };
  };
  on(EventTarget.prototype);
  on(window);
  HTMLElement.prototype.fireEvent = function (name) { return this.dispatchEvent(new Event(name.replace(/^on/, ''), {bubbles: true, cancelable: true})); };
  document.createEventObject = () => ({});
  if (!('setCapture' in HTMLElement.prototype)) HTMLElement.prototype.setCapture = HTMLElement.prototype.releaseCapture = function () {};
})();
