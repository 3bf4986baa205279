  // ---- texts -------------------------------------------------------------
  const norm = (s) => (s || '').normalize('NFKC').replace(/[\s:*\u200b-\u200d\ufeff]/g, '');
  const bare = (s) => norm(s).replace(/[[(](?:[A-Za-z]|F\d{1,2})[\])]$/, '');
  // fold is the second, laxer look: without case, marks at the end and hints in
  // brackets ("Full name (required)?"). It counts only where norm finds nothing.
  const fold = (s) => norm(s).toLowerCase().replace(/[[(【][^\])】]{0,12}[\])】]$/, '').replace(/[?!.。…>»›▼▾]+$/, '') || norm(s).toLowerCase();
  const tidy = (s) => (s || '').replace(/[\s\u3000\u00a0]+/g, ' ').trim();
  const MUTE = /^(SCRIPT|STYLE|SELECT|TEXTAREA|OPTION|NOSCRIPT|TEMPLATE|IFRAME|FRAME|OBJECT|HEAD|BUTTON|DATALIST)$/i;
  const EDGE = /^(TD|TH|TR|TABLE|TBODY|FORM|FIELDSET|BODY|LI|HTML)$/;

  // inside is what a person sees below a node: the shadow tree in place of its
  // host's children, and what is slotted into it.
  function inside(node) {
    if (node.shadowRoot) return [...node.shadowRoot.childNodes];
    if (node.tagName === 'SLOT' && node.assignedNodes().length) return node.assignedNodes();
    return [...node.childNodes];
  }
  // words is the visible text below a node, without what stands in controls.
  function words(node) {
    if (node.nodeType === 3) return node.data;
    if (node.nodeType !== 1 || MUTE.test(node.tagName)) return '';
    if (node.tagName === 'BR') return '\n';
    if (node.tagName !== 'SLOT' && !node.checkVisibility({checkVisibilityCSS: true})) return '';
    if (rich(node)) return '';
    return words0(node);
  }
  const words0 = (e) => inside(e).map(words).join('');

  // ---- frames, shadow trees and visibility ---------------------------------
  function boxed(el) {
    if (!el.checkVisibility({checkVisibilityCSS: true})) return false;
    const r = el.getBoundingClientRect(), w = el.ownerDocument.defaultView;
    return r.width > 0 && r.height > 0 && r.right + w.scrollX > 0 && r.bottom + w.scrollY > 0;
  }
  // editorDoc is the document of a frame that is itself a field of rich text.
  function editorDoc(frame) {
    const d = /^I?FRAME$/.test(frame.tagName) ? frame.contentDocument : null;
    return d && d.body && (d.designMode === 'on' || d.body.isContentEditable) ? d : null;
  }
  // documents are this one and all below it that may be entered from it. A frame
  // of another origin is a root of its own: the worker asks it by itself.
  function documents() {
    const found = [];
    (function walk(doc) {
      found.push(doc);
      for (const frame of pierce(doc, 'iframe,frame')) {
        if (frame.contentDocument && boxed(frame) && !editorDoc(frame)) walk(frame.contentDocument);
      }
    })(document);
    return found;
  }
  // trees are a document and the open shadow trees in it.
  function trees(doc) {
    const list = [doc];
    for (let i = 0; i < list.length; i++) {
      for (const e of list[i].querySelectorAll('*')) if (e.shadowRoot) list.push(e.shadowRoot);
    }
    return list;
  }
  const known = new Map();
  function treesOf(doc) {
    if (!known.has(doc)) known.set(doc, trees(doc));
    return known.get(doc);
  }
  const pierce = (doc, css) => { const t = treesOf(doc); return t.length === 1 ? [...doc.querySelectorAll(css)] : t.flatMap((r) => [...r.querySelectorAll(css)]); };
  const docs = documents();
  const all = (css) => docs.flatMap((d) => pierce(d, css));
  const shown = (css) => all(css).filter(boxed);
  // above is the parent, out of a shadow tree as well.
  const above = (n) => n.assignedSlot || (n.parentNode && n.parentNode.nodeType === 11 ? n.parentNode.host : n.parentNode) || null;
  function up(e, css) {
    for (let n = e; n && n.nodeType === 1; n = above(n)) if (n.matches(css)) return n;
    return null;
  }
  const holds = (a, b) => { for (let n = b; n; n = above(n)) if (n === a) return true; return false; };

  // ---- the ways to narrow down ---------------------------------------------
  const innermost = (els) => els.filter((e) => !els.some((o) => o !== e && holds(e, o)));
  // spoken are the visible elements whose text may say one of the wanted things.
  // The look at textContent spares the many that can't.
  function spoken(low) {
    const able = (e) => !MUTE.test(e.tagName) && (e.shadowRoot || e.tagName === 'SLOT' || low.some((w) => norm(e.textContent).toLowerCase().includes(w)));
    return docs.flatMap((d) => treesOf(d).flatMap((r) => [...r.querySelectorAll(r === d ? 'body *' : '*')])).filter((e) => able(e) && boxed(e));
  }
  const lows = () => [...wish].map(fold);
  // saying are the innermost elements whose text is one of the wanted things.
  const saying = (exact) => innermost(twice(spoken(lows()), (e) => [words(e)], exact));
  // called are a text and the system's other spellings of it.
  const called = (text) => [text, ...((order.at && order.at.alias_of || {})[text] || [])];
  function anchorsOf(text) {
    const exact = withWish(called(text), () => saying());
    if (exact.length) return exact;
    const w = called(text).map(fold);
    return innermost(spoken(w).filter((e) => w.some((s) => norm(words(e)).toLowerCase().includes(s))));
  }
  function near(els, text) {
    const anchors = anchorsOf(text);
    const depth = (e) => {
      let n = 0, p = e;
      while (p && !anchors.some((a) => holds(p, a))) p = above(p);
      for (; p; p = above(p)) n++;
      return n;
    };
    const depths = els.map(depth), most = Math.max(0, ...depths);
    const kept = most === 0 ? [] : els.filter((_, i) => depths[i] === most);
    return kept.length > 1 ? captioned(kept, text) : kept;
  }
  // captioned are those among equally near ones that stand beside or below the very
  // caption, if there are any: two fields with a button each in one row of a form.
  function captioned(els, text) {
    const own = withWish(called(text), () => twice(els, (e) => [before(e), leftCell(e), upperCell(e)]));
    return own.length ? own : els;
  }
  const ROW = 'tr,[role=row]';
  function inRow(els, text) {
    const want = norm(text);
    return els.filter((e) => { const tr = up(e, ROW); return tr && rowText(tr).includes(want); });
  }
  const rowText = (tr) => norm(words(tr) + [...tr.querySelectorAll('input,select,textarea')].filter(boxed).map(shownValue).join(''));
  function narrow(els, at) {
    if (at.row && !at.table) els = inRow(els, at.row);
    if (at.near && els.length > 1) els = near(els, at.near);
    return els;
  }
  // twice looks exactly first and laxly second.
  function twice(list, texts, exact = norm) {
    for (const form of [exact, fold]) {
      const wanted = new Set([...wish].map(form).filter(Boolean));
      const found = list.filter((x) => texts(x).some((t) => t && wanted.has(form(t))));
      if (found.length) return found;
    }
    return [];
  }
  function withWish(texts, work) {
    const old = wish;
    wish = new Set(texts);
    try { return work(); } finally { wish = old; }
  }
