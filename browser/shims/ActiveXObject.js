// Of the old objects only those that fetch and read XML can be given back.
window.ActiveXObject = function (name) {
  if (/XMLHTTP/i.test(name)) return new XMLHttpRequest();
  if (/DOMDocument|XMLDOM/i.test(name)) {
    const doc = {async: false, documentElement: null, loadXML(text) { const d = new DOMParser().parseFromString(text, 'text/xml'); doc.documentElement = d.documentElement; doc.xml = text; doc.selectNodes = (p) => [...d.querySelectorAll(p.replace(/^\/+/, '').replace(/\//g, ' > '))]; doc.selectSingleNode = (p) => doc.selectNodes(p)[0] || null; return true; }};
    return doc;
  }
  throw new Error('Automation server can\'t create object');
};
