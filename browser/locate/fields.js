  // ---- fields by label ------------------------------------------------------
  const CONTROLS = 'select,textarea,input:not([type=hidden]):not([type=button]):not([type=submit]):not([type=reset]):not([type=image])';
  const ROLES = '[role=textbox]:not(input):not(textarea),[role=combobox]:not(input):not(select),[role=listbox]:not(select),[role=checkbox]:not(input),[role=switch]:not(input),[role=radio]:not(input),[role=spinbutton]:not(input),[aria-haspopup=listbox]:not(input):not([role=combobox]),.CodeMirror,.ace_editor';
  const EDITABLE = '[contenteditable=""],[contenteditable=true],[contenteditable=plaintext-only]';
  const isFile = (c) => c.type === 'file';
  // rich says that an element is a field whose value is its own text.
  const rich = (e) => e.nodeType === 1 && (e.matches(EDITABLE) || e.matches('[role=textbox]') && !/^(INPUT|TEXTAREA)$/.test(e.tagName));
  const kindOf = (c) => c.matches('.CodeMirror,.ace_editor') ? 'code' : /^I?FRAME$/.test(c.tagName) ? 'frame' : rich(c) ? 'rich' :
    c.matches('input[type=checkbox],[role=checkbox],[role=switch]') ? 'checkbox' : c.matches('input[type=radio],[role=radio]') ? 'radio' :
    c.tagName === 'SELECT' ? 'select' : /^(INPUT|TEXTAREA)$/.test(c.tagName) ? 'text' : 'list';
  const ticks = (c) => kindOf(c) === 'checkbox' || kindOf(c) === 'radio';
  // stylable says that a page may show something else in place of this control: a
  // drawn box beside its label, a button that opens the file chooser.
  const stylable = (c) => isFile(c) && order.verb === 'attach' || ticks(c) && [...(c.labels || [])].some(boxed);
  const inEditor = (c) => up(c, '.CodeMirror,.ace_editor') && !c.matches('.CodeMirror,.ace_editor');
  function controls() {
    const plain = all(CONTROLS + ',' + ROLES).filter((c) => (boxed(c) || stylable(c)) && !inEditor(c));
    const edit = shown(EDITABLE).filter((c) => !c.parentElement || !c.parentElement.isContentEditable).filter((c) => !plain.includes(c) && !up(c, '.CodeMirror,.ace_editor,.cm-tooltip'));
    return [...plain, ...edit, ...shown('iframe').filter(editorDoc)].filter((c, i, list) => !list.some((o) => o !== c && o.matches(ROLES) && holds(o, c) && c.tagName !== 'INPUT'));
  }
  const holdsControl = (n) => n.nodeType === 1 && (n.matches(CONTROLS) ? boxed(n) || stylable(n) : [...n.querySelectorAll(CONTROLS)].some((c) => boxed(c) || stylable(c)) || rich(n));
  const isBlock = (e) => !/^inline|^contents/.test(e.ownerDocument.defaultView.getComputedStyle(e).display);

  const named = (c, attribute) => (c.getAttribute(attribute) || '').split(/\s+/).filter(Boolean).map((id) => c.getRootNode().getElementById && c.getRootNode().getElementById(id)).filter(Boolean);
  function own(c) {
    const host = c.getRootNode().host;
    return [...(c.labels || [])].map(words)
      .concat(named(c, 'aria-labelledby').map(words0))
      .concat([c.getAttribute('aria-label'), c.placeholder, c.getAttribute('data-placeholder'), c.title])
      .concat(host ? [host.getAttribute('label'), host.getAttribute('aria-label'), host.getAttribute('placeholder')] : [])
      .concat(/^(DIV|IFRAME|SPAN|BODY|P|PRE)$/.test(c.tagName) ? ghostLabels(c) : []);
  }
  // ghostLabels are the labels of the hidden field that an editor stands for.
  function ghostLabels(c) {
    for (let n = c, i = 0; n && i < 5 && !EDGE.test(n.tagName); n = above(n), i++) {
      const ghost = [n.previousElementSibling, n.nextElementSibling].find((s) => s && s.matches('textarea,select,input') && !boxed(s));
      if (ghost) return [...(ghost.labels || [])].map(words).concat([ghost.getAttribute('aria-label'), ghost.placeholder, ghost.title, before(ghost)]);
    }
    return [];
  }
  // before is the text in front of a control, up to the edge of its cell.
  function before(c) {
    for (let n = c; n && !EDGE.test(n.tagName); n = above(n)) {
      let s = '';
      for (let p = n.previousSibling; p; p = p.previousSibling) {
        if (holdsControl(p)) return s;
        if (p.nodeType === 1 && p.tagName !== 'BR' && isBlock(p)) {
          if (!norm(s)) s = words(p);
          if (norm(s)) break;
          continue;
        }
        s = words(p) + s;
      }
      if (norm(s)) return s;
    }
    return '';
  }
  // after is the text behind a radio or checkbox, up to the next control.
  function after(c) {
    let s = '';
    for (let n = c.nextSibling; n && !holdsControl(n) && n.tagName !== 'BR'; n = n.nextSibling) s += words(n);
    return s;
  }
  // leftCell is the text of the cell to the left; a field that is alone in a table
  // inside a cell belongs to that cell.
  function leftCell(c) {
    for (let cell = up(c, 'td,th,dd'); cell; cell = cell.parentElement && up(cell.parentElement, 'td,th')) {
      for (let p = cell.previousElementSibling; p; p = p.previousElementSibling) {
        if (holdsControl(p)) return '';
        if (norm(words(p))) return words(p);
      }
      const outer = cell.parentElement && up(cell.parentElement, 'td,th');
      if (!outer || outer.querySelectorAll(CONTROLS).length !== 1 && !rich(c)) return '';
      const t = up(cell, 'table');
      if (!t || norm(words(t))) return '';
    }
    return '';
  }
  function upperCell(c) {
    const cell = up(c, 'td,th'), tr = cell && cell.parentElement;
    const upper = tr && tr.previousElementSibling && tr.previousElementSibling.cells;
    if (!upper) return '';
    const at = columnOf(cell);
    const found = [...upper].find((u) => columnOf(u) <= at && at < columnOf(u) + u.colSpan);
    return found && !holdsControl(found) ? words(found) : '';
  }
  function heading(c) {
    const cell = up(c, CELLS), table = cell && up(cell, TABLES);
    const grid = table && gridOf(table);
    return grid ? grid.columns[columnOf(cell)] || '' : '';
  }
  function optionText(c) {
    const told = [...(c.labels || [])].map(words).find((s) => norm(s)) || c.getAttribute('aria-label');
    return told || (c.tagName === 'INPUT' ? after(c) || c.value : words0(c) || after(c));
  }
  // fields are the things a value can go into: a control, or a group of radios
  // or checkboxes of one name.
  function fields() {
    const groups = new Map(), list = [], those = controls();
    const twin = (a, b) => a.form === b.form && a.name === b.name && a.getRootNode() === b.getRootNode();
    for (const c of those) {
      const kind = kindOf(c);
      const many = kind === 'radio' || (c.type === 'checkbox' && c.name && those.filter((o) => o.type === 'checkbox' && twin(o, c)).length > 1);
      if (!many) { list.push({els: [c], el: c}); continue; }
      const mine = c.tagName !== 'INPUT' ? up(c, '[role=radiogroup]') : null;
      const first = [...groups.keys()].find((k) => mine ? up(k, '[role=radiogroup]') === mine : twin(k, c) && (kind === 'radio' || up(k, 'tr') === up(c, 'tr')));
      if (first) { groups.get(first).els.push(c); continue; }
      const group = {els: [c], el: c, group: true};
      groups.set(c, group);
      list.push(group);
    }
    return list;
  }
  function groupNames(f) {
    const set = up(f.el, 'fieldset'), legend = set && set.querySelector('legend');
    const aria = up(f.el, '[role=radiogroup],[role=group]');
    return [legend ? words(legend) : ''].concat(aria ? [aria.getAttribute('aria-label'), ...named(aria, 'aria-labelledby').map(words0), before(aria)] : []);
  }
  function closeNames(f) {
    const names = f.group ? [] : own(f.el);
    if (ticks(f.el) && !f.group) names.push(after(f.el), f.el.tagName === 'INPUT' ? '' : words0(f.el));
    const b = before(f.el);
    names.push(norm(b) ? b : leftCell(f.el));
    if (f.group) names.push(...groupNames(f));
    const host = f.el.getRootNode().host;
    if (host && !names.some((n) => norm(n))) names.push(before(host), leftCell(host));
    return names.filter((n) => norm(n));
  }
  // captionRow says that the row above names the fields of this one, cell by cell: there
  // only captions, here only fields. A form may have several such pairs of rows in one
  // table, and the first of them is not the heading of them all.
  function captionRow(c) {
    const tr = up(c, 'tr'), over = tr && tr.previousElementSibling;
    const filled = (row) => [...row.cells].filter((x) => norm(words(x)) || holdsControl(x));
    return over && over.cells && filled(over).length > 1 && filled(over).every((x) => !holdsControl(x)) && filled(tr).every(holdsControl);
  }
  const farNames = (f) => [captionRow(f.el) ? '' : heading(f.el), upperCell(f.el)].filter((n) => norm(n));

  function byLabel(at) {
    const list = fields();
    let found = twice(list, closeNames);
    if (!found.length) found = twice(list, farNames);
    if (found.some((f) => boxed(f.el))) found = found.filter((f) => boxed(f.el) || f.group);
    const kept = narrow(found.map((f) => f.el), at);
    return found.filter((f) => kept.includes(f.el));
  }

  // ---- buttons and links ----------------------------------------------------
  const pictures = (e) => [...e.querySelectorAll('img[alt],svg title,[aria-label]')].map((i) => i.getAttribute('alt') || i.getAttribute('aria-label') || i.textContent);
  function names(e) {
    const said = [e.tagName === 'INPUT' ? e.value : words0(e), e.title, e.alt, e.getAttribute('aria-label'), ...named(e, 'aria-labelledby').map(words0)];
    if (!said.some((n) => norm(n))) said.push(...pictures(e));
    if (e.type === 'submit' && e.tagName === 'INPUT' && !e.hasAttribute('value')) said.push('提交', 'Submit');
    return said.filter((n) => norm(n));
  }
  const byName = (css, at) => narrow(innermost(twice(shown(css), names, bare)), at);
  const BUTTONS = 'button,input[type=button],input[type=submit],input[type=reset],input[type=image],[role=button]';
  const LINKS = 'a,area,[role=link],[role=menuitem],[role=tab],[role=treeitem],[onclick],summary';
  function buttons(at) {
    const strong = byName(BUTTONS, at);
    return strong.length ? strong : byName(LINKS, at);
  }
  function links(at, texts) {
    if (texts) return withWish(texts, () => links(at));
    const strong = byName(LINKS, at);
    if (strong.length) return strong;
    const plain = narrow(saying(bare), at);
    return plain.length ? plain : byName(BUTTONS, at);
  }
  // entry finds one entry of a menu path; one below another must stand under it.
  function entry(path, depth) {
    const spelt = (n) => [path[n], ...((order.also || [])[n] || [])];
    const found = links({}, spelt(depth));
    const heads = depth > 0 ? links({}, spelt(depth - 1)) : [];
    return found.filter((e) => heads.every((h) => h.ownerDocument !== e.ownerDocument) || heads.some((h) => under(e, h)));
  }
  // under compares the branches in which an entry and its heading stand: another
  // branch of the heading's kind in between means another heading. Where both
  // branches are of one kind nothing can be told, and the entry counts.
  function under(e, head) {
    if (e.ownerDocument !== head.ownerDocument || !(head.compareDocumentPosition(e) & 4)) return false;
    let a = head, b = e;
    while (a.parentElement && !a.parentElement.contains(e)) a = a.parentElement;
    while (b.parentElement && !b.parentElement.contains(head)) b = b.parentElement;
    const kind = (x) => x.tagName + '.' + x.className;
    if (kind(a) === kind(b)) return true;
    for (let n = a.nextElementSibling; n && n !== b; n = n.nextElementSibling) if (kind(n) === kind(a) && boxed(n)) return false;
    return true;
  }
