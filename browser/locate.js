// Runs in an isolated world of the top frame and reaches every same-origin
// frame from there. One call carries out one order and answers with plain data:
// {ok: …} or {fault: "missing"|"ambiguous"|"covered"|"disabled"|"not_kept"}.
async function jingban(order) {
  'use strict';

  // ---- texts -------------------------------------------------------------
  const norm = (s) => (s || '').normalize('NFKC').replace(/[\s:*\u200b-\u200d\ufeff]/g, '');
  const bare = (s) => norm(s).replace(/[[(](?:[A-Za-z]|F\d{1,2})[\])]$/, '');
  const tidy = (s) => (s || '').replace(/[\s\u3000\u00a0]+/g, ' ').trim();
  const MUTE = /^(SCRIPT|STYLE|SELECT|TEXTAREA|OPTION|NOSCRIPT|TEMPLATE|IFRAME|FRAME|OBJECT|HEAD|BUTTON)$/;
  const CELL = /^(TD|TH)$/;
  const EDGE = /^(TD|TH|TR|TABLE|TBODY|FORM|FIELDSET|BODY|LI|HTML)$/;

  // words is the visible text below a node, without what stands in controls.
  function words(node) {
    if (node.nodeType === 3) return node.data;
    if (node.nodeType !== 1 || MUTE.test(node.tagName)) return '';
    if (node.tagName === 'BR') return '\n';
    if (!node.checkVisibility({checkVisibilityCSS: true})) return '';
    return [...node.childNodes].map(words).join('');
  }

  // ---- frames and visibility ----------------------------------------------
  function boxed(el) {
    if (!el.checkVisibility({checkVisibilityCSS: true})) return false;
    const r = el.getBoundingClientRect(), w = el.ownerDocument.defaultView;
    return r.width > 0 && r.height > 0 && r.right + w.scrollX > 0 && r.bottom + w.scrollY > 0;
  }
  function documents() {
    const found = [];
    (function walk(doc) {
      found.push(doc);
      for (const frame of doc.querySelectorAll('iframe,frame')) {
        if (frame.contentDocument && boxed(frame)) walk(frame.contentDocument);
      }
    })(document);
    return found;
  }
  const docs = documents();
  const all = (css) => docs.flatMap((d) => [...d.querySelectorAll(css)]);
  const shown = (css) => all(css).filter(boxed);

  // ---- the ways to narrow down ---------------------------------------------
  const innermost = (els) => els.filter((e) => !els.some((o) => o !== e && e.contains(o)));
  const leaves = (test) => innermost(shown('body *').filter((e) => !MUTE.test(e.tagName) && test(e)));
  function near(els, text) {
    const want = norm(text);
    const anchors = leaves((e) => norm(words(e)) === want);
    const depth = (e) => {
      let up = e, n = 0;
      while (up && !anchors.some((a) => up.contains(a))) up = up.parentElement;
      for (let p = up; p; p = p.parentElement) n++;
      return n;
    };
    const depths = els.map(depth), most = Math.max(0, ...depths);
    return most === 0 ? [] : els.filter((_, i) => depths[i] === most);
  }
  function inRow(els, text) {
    const want = norm(text);
    return els.filter((e) => { const tr = e.closest('tr'); return tr && rowText(tr).includes(want); });
  }
  const rowText = (tr) => norm(words(tr) + [...tr.querySelectorAll('input,select')].filter(boxed).map(shownValue).join(''));
  function narrow(els, at) {
    if (at.row && !at.table) els = inRow(els, at.row);
    if (at.near && els.length > 1) els = near(els, at.near);
    return els;
  }

  // ---- fields by label ------------------------------------------------------
  const CONTROLS = 'select,textarea,input:not([type=hidden]):not([type=button]):not([type=submit]):not([type=reset]):not([type=image])';
  const isFile = (c) => c.type === 'file';
  // A file field often hides behind a styled button; it counts when no other does.
  const controls = () => all(CONTROLS).filter((c) => boxed(c) || (order.verb === 'attach' && isFile(c)));
  const holdsControl = (n) => n.nodeType === 1 && (n.matches(CONTROLS) ? boxed(n) : [...n.querySelectorAll(CONTROLS)].some(boxed));
  const isBlock = (e) => !/^inline/.test(e.ownerDocument.defaultView.getComputedStyle(e).display);

  function own(c) {
    const ids = (c.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
    return [...(c.labels || [])].map(words)
      .concat(ids.map((id) => c.ownerDocument.getElementById(id)).filter(Boolean).map(words))
      .concat([c.getAttribute('aria-label'), c.placeholder, c.title]);
  }
  // before is the text in front of a control, up to the edge of its cell.
  function before(c) {
    for (let n = c; n && !EDGE.test(n.tagName); n = n.parentNode) {
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
  function leftCell(c) {
    let cell = c.closest('td,th');
    for (let p = cell && cell.previousElementSibling; p; p = p.previousElementSibling) {
      if (holdsControl(p)) return '';
      if (norm(words(p))) return words(p);
    }
    return '';
  }
  function upperCell(c) {
    const cell = c.closest('td,th'), tr = cell && cell.parentElement;
    const upper = tr && tr.previousElementSibling && tr.previousElementSibling.cells;
    if (!upper) return '';
    const at = columnOf(cell);
    const found = [...upper].find((u) => columnOf(u) <= at && at < columnOf(u) + u.colSpan);
    return found && !holdsControl(found) ? words(found) : '';
  }
  const columnOf = (cell) => { let n = 0; for (let p = cell.previousElementSibling; p; p = p.previousElementSibling) n += p.colSpan || 1; return n; };
  function heading(c) {
    const table = c.closest('table'), cell = c.closest('td,th');
    const grid = table && cell && gridOf(table);
    return grid ? grid.columns[columnOf(cell)] || '' : '';
  }
  function optionText(c) {
    return [...(c.labels || [])].map(words).find((s) => norm(s)) || after(c);
  }
  // fields are the things a value can go into: a control, or a group of
  // radios or checkboxes of one name.
  function fields() {
    const groups = new Map(), list = [];
    for (const c of controls()) {
      const many = c.type === 'radio' || (c.type === 'checkbox' && c.name && all('input[type=checkbox]').filter((o) => o.form === c.form && o.name === c.name && boxed(o)).length > 1);
      if (!many) { list.push({els: [c], el: c}); continue; }
      const known = [...groups.keys()].find((k) => k.form === c.form && k.name === c.name && k.ownerDocument === c.ownerDocument && k.closest('tr') === c.closest('tr'));
      if (known) { groups.get(known).els.push(c); continue; }
      const group = {els: [c], el: c, group: true};
      groups.set(c, group);
      list.push(group);
    }
    return list;
  }
  function closeNames(f) {
    const names = f.group ? [] : own(f.el);
    if (f.el.type === 'checkbox' && !f.group) names.push(after(f.el));
    const b = before(f.el);
    names.push(norm(b) ? b : leftCell(f.el));
    if (f.group) { const set = f.el.closest('fieldset'), legend = set && set.querySelector('legend'); if (legend) names.push(words(legend)); }
    return names.map(norm).filter(Boolean);
  }
  const farNames = (f) => [heading(f.el), upperCell(f.el)].map(norm).filter(Boolean);

  function byLabel(at, want) {
    const list = fields();
    let found = list.filter((f) => closeNames(f).some((n) => want.has(n)));
    if (!found.length) found = list.filter((f) => farNames(f).some((n) => want.has(n)));
    if (found.some((f) => boxed(f.el))) found = found.filter((f) => boxed(f.el));
    const kept = narrow(found.map((f) => f.el), at);
    return found.filter((f) => kept.includes(f.el));
  }

  // ---- buttons and links ----------------------------------------------------
  const names = (e) => [e.tagName === 'INPUT' ? e.value : words0(e), e.title, e.alt, e.getAttribute('aria-label')];
  const words0 = (e) => [...e.childNodes].map(words).join('');
  function byName(css, want, at) {
    const found = shown(css).filter((e) => names(e).map(bare).some((n) => n && want.has(n)));
    return narrow(innermost(found), at);
  }
  const BUTTONS = 'button,input[type=button],input[type=submit],input[type=reset],input[type=image],[role=button]';
  const LINKS = 'a,area,[role=link],[role=menuitem],[role=tab],[role=treeitem],[onclick],summary';
  function buttons(want, at) {
    const strong = byName(BUTTONS, want, at);
    return strong.length ? strong : byName('a,[onclick]', want, at);
  }
  function links(want, at) {
    const strong = byName(LINKS, want, at);
    return strong.length ? strong : narrow(leaves((e) => want.has(bare(words(e)))), at);
  }
  // entry finds one entry of a menu path; one below another must stand under it.
  function entry(path, depth) {
    const found = links(new Set([bare(path[depth])]), {});
    const heads = depth > 0 ? links(new Set([bare(path[depth - 1])]), {}) : [];
    const told = found.filter((e) => heads.every((h) => h.ownerDocument !== e.ownerDocument) || heads.some((h) => under(e, h)));
    return told;
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

  // ---- tables ---------------------------------------------------------------
  // gridOf reads a data table: its headings, merged over several heading rows,
  // and its rows. A table without a row of at least two headings is layout.
  function gridOf(table) {
    const rows = [...table.rows].filter((tr) => tr.closest('table') === table && boxed(tr));
    let head = rows.filter((tr) => tr.cells.length > 0 && [...tr.cells].every((c) => c.tagName === 'TH') && tr.cells.length > 1);
    if (!head.length) {
      const first = rows.find((tr) => tr.cells.length > 1);
      if (!first || [...first.cells].some((c) => holdsControl(c) || !norm(words(c)) || c.querySelector('table'))) return null;
      head = [first];
    }
    const columns = [], taken = [];
    head.forEach((tr, y) => {
      let x = 0;
      for (const cell of tr.cells) {
        while (taken[y] && taken[y][x]) x++;
        for (let dy = 0; dy < cell.rowSpan; dy++) for (let dx = 0; dx < cell.colSpan; dx++) {
          (taken[y + dy] = taken[y + dy] || [])[x + dx] = true;
          if (norm(words(cell))) columns[x + dx] = tidy(words(cell)).replace(/\s+/g, '');
        }
        x += cell.colSpan;
      }
    });
    for (let i = 0; i < columns.length; i++) {
      columns[i] = columns[i] || '';
      const same = columns.slice(0, i).filter((c) => c === columns[i] && c).length;
      if (same) columns[i] += '#' + (same + 1);
    }
    if (columns.filter(Boolean).length < 2) return null;
    const last = rows.indexOf(head[head.length - 1]);
    const body = rows.slice(last + 1).filter((tr) => tr.cells.length > 1 && [...tr.cells].reduce((n, c) => n + c.colSpan, 0) === columns.length);
    return {table, columns, body, head};
  }
  const shownValue = (c) => c.tagName === 'SELECT' ? (c.selectedOptions[0] || {}).text || '' :
    c.type === 'radio' || c.type === 'checkbox' ? (c.checked ? optionText(c) || '√' : '') : c.type === 'password' ? '' : c.value;
  function cellText(cell) {
    const values = [...cell.querySelectorAll(CONTROLS)].filter(boxed).map(shownValue);
    return tidy(words(cell) + ' ' + values.join(' '));
  }
  function titled(grid, want) {
    const t = grid.table;
    if (t.caption && want.has(norm(words(t.caption)))) return true;
    const above = [...t.rows].slice(0, t.rows.length - grid.body.length).filter((tr) => tr.closest('table') === t);
    if (above.some((tr) => tr.cells.length === 1 && titleOf(words(tr), want))) return true;
    if (t.getAttribute('aria-label') && want.has(norm(t.getAttribute('aria-label')))) return true;
    const set = t.closest('fieldset'), legend = set && set.querySelector('legend');
    if (legend && want.has(norm(words(legend)))) return true;
    return titleOf(textBefore(t), want);
  }
  // titleOf allows a count behind the title: "申领记录（共 3 条）".
  function titleOf(text, want) {
    const t = norm(text);
    return [...want].some((w) => t === w || (t.startsWith(w) && /^[([【共]/.test(t.slice(w.length))));
  }
  // textBefore is the nearest text above an element.
  function textBefore(e) {
    for (let n = e; n && n.tagName !== 'BODY'; n = n.parentNode) {
      for (let p = n.previousSibling; p; p = p.previousSibling) {
        if (norm(words(p))) return p.nodeType === 1 && p.tagName === 'TR' || p.tagName === 'TABLE' ? lastLine(p) : words(p);
      }
    }
    return '';
  }
  const lastLine = (p) => { const cells = [...p.querySelectorAll('td,th')].filter((c) => norm(words(c))); return cells.length ? words(cells[cells.length - 1]) : words(p); };
  function tables(at, want) {
    const grids = shown('table').map(gridOf).filter(Boolean);
    let found = grids.filter((g) => titled(g, want));
    if (!found.length) found = grids.filter((g) => g.columns.some((c) => want.has(norm(c))));
    found = found.filter((g) => !found.some((o) => o !== g && g.table.contains(o.table)));
    if (at.near && found.length > 1) { const kept = near(found.map((g) => g.table), at.near); found = found.filter((g) => kept.includes(g.table)); }
    return found;
  }
  function rowsOf(grid) {
    return grid.body.map((tr) => {
      const row = {};
      let x = 0;
      for (const cell of tr.cells) { if (grid.columns[x]) row[grid.columns[x]] = cellText(cell); x += cell.colSpan; }
      return row;
    });
  }
  // cellsAt are the cells of a table's column in the rows that hold a text.
  function cellsAt(grid, at) {
    const col = grid.columns.findIndex((c) => norm(c) === norm(at.column));
    if (col < 0) return [];
    const rows = at.row ? grid.body.filter((tr) => rowText(tr).includes(norm(at.row))) : grid.body;
    return rows.map((tr) => [...tr.cells].find((c) => columnOf(c) <= col && col < columnOf(c) + c.colSpan)).filter(Boolean);
  }

  // ---- a label's text, where there is no control ------------------------------
  function shownTexts(want, at) {
    const found = [];
    for (const e of narrow(leaves((e) => want.has(norm(words(e)))), at)) {
      const cell = e.closest('td,th');
      const next = cell && norm(words(cell)) === norm(words(e)) ? cell.nextElementSibling : sibling(e);
      if (next && !holdsControl(next)) found.push(tidy(next.nodeType === 3 ? next.data : cellText(next)));
    }
    if (found.length) return found;
    for (const e of leaves((e) => /[:：]/.test(words0(e)))) {
      for (const line of words0(e).split(/[\n,，;；。]/)) {
        const i = line.search(/[:：]/);
        if (i > 0 && want.has(norm(line.slice(0, i)))) found.push(tidy(line.slice(i + 1)));
      }
    }
    return found.filter(Boolean);
  }
  function sibling(e) {
    for (let n = e; n && !EDGE.test(n.tagName); n = n.parentNode) {
      for (let s = n.nextSibling; s; s = s.nextSibling) if (norm(s.nodeType === 3 ? s.data : words(s))) return s;
    }
    return null;
  }

  // ---- finding: exactly one, or a fault ---------------------------------------
  const at = order.at || {};
  const key = at.label || at.button || at.link || at.table || '';
  const want = new Set([key, ...(at.alias || [])].map(at.button || at.link ? bare : norm).filter(Boolean));

  function candidates() {
    if (at.label) return byLabel(at, want);
    if (at.button) return buttons(want, at).map((el) => ({el}));
    if (at.link) return links(want, at).map((el) => ({el}));
    if (at.table) return tables(at, want).flatMap((g) => cellsAt(g, at)).map((cell) => ({el: cell.querySelector(CONTROLS + ',' + BUTTONS + ',a') || cell}));
    return [];
  }
  function one() {
    let found = candidates(), fallback = false;
    if (!found.length && at.css) {
      found = all(at.css).filter((e) => boxed(e) || isFile(e)).map((el) => ({el, els: [el]}));
      fallback = true;
    }
    if (found.length === 1) return {found: {els: [found[0].el], ...found[0]}, fallback};
    return fault(found.length ? 'ambiguous' : 'missing', found.length);
  }
  function fault(code, count) {
    return {fault: code, count, near: code === 'missing' ? nearest() : []};
  }
  // nearest names what a person might have meant; only captions, never values.
  function nearest() {
    const pool = at.label ? fields().flatMap((f) => closeNames(f)) :
      at.button ? shown(BUTTONS).flatMap((e) => names(e).map(bare)) :
      at.table ? shown('caption,legend,th').map(words).map(norm) : [];
    const like = (s) => [...s].filter((ch) => [...want].some((w) => w.includes(ch))).length / Math.max(1, s.length);
    return [...new Set(pool)].filter((s) => s && s.length <= 20 && !/\d{6}/.test(s)).sort((a, b) => like(b) - like(a)).slice(0, 5);
  }

  // ---- acting -----------------------------------------------------------------
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const disabled = (e) => e.matches(':disabled') || e.closest('[aria-disabled=true]') !== null;
  function place(el, point) {
    let x = point.x, y = point.y;
    for (let w = el.ownerDocument.defaultView; w !== window; w = w.parent) {
      const f = w.frameElement, r = f.getBoundingClientRect(), s = f.ownerDocument.defaultView.getComputedStyle(f);
      x += r.left + f.clientLeft + parseFloat(s.paddingLeft || 0);
      y += r.top + f.clientTop + parseFloat(s.paddingTop || 0);
    }
    return {x, y};
  }
  function hits(el, point) {
    const hit = el.ownerDocument.elementFromPoint(point.x, point.y);
    if (!hit || !(el.contains(hit) || (hit.tagName === 'LABEL' && hit.control === el))) return false;
    let p = point;
    for (let w = el.ownerDocument.defaultView; w !== window; w = w.parent) {
      const f = w.frameElement, r = f.getBoundingClientRect();
      p = {x: p.x + r.left + f.clientLeft, y: p.y + r.top + f.clientTop};
      if (f.ownerDocument.elementFromPoint(p.x, p.y) !== f) return false;
    }
    return true;
  }
  async function aim(el) {
    if (disabled(el)) return fault('disabled', 1);
    el.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
    let r = el.getBoundingClientRect(), still = false;
    for (let i = 0; i < 10 && !still; i++) {
      await pause(20);
      const now = el.getBoundingClientRect();
      still = Math.abs(now.left - r.left) + Math.abs(now.top - r.top) + Math.abs(now.width - r.width) < 1;
      r = now;
    }
    if (!still) return fault('covered', 1);
    const box = el.getClientRects()[0];
    if (!box) return fault('missing', 0);
    for (const [fx, fy] of [[0.5, 0.5], [0.25, 0.5], [0.75, 0.5], [0.5, 0.25], [0.5, 0.75]]) {
      const point = {x: box.left + box.width * fx, y: box.top + box.height * fy};
      if (hits(el, point)) { watch(el); return {ok: place(el, point)}; }
    }
    return fault('covered', 1);
  }
  // watch keeps the coming click from anything but its element, should the page
  // move in the last moment.
  function watch(el) {
    const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
    const seen = {hit: false, missed: false};
    const check = (e) => {
      const target = e.composedPath()[0];
      if (el.contains(target) || (target.closest && target.closest('label') && target.closest('label').control === el)) { seen.hit = true; return; }
      if (target === el) { seen.hit = true; return; }
      seen.missed = true;
      e.preventDefault();
      e.stopImmediatePropagation();
    };
    const windows = docs.map((d) => d.defaultView);
    for (const w of windows) for (const k of kinds) w.addEventListener(k, check, true);
    globalThis.jingbanWatch = {seen, end() { for (const w of windows) for (const k of kinds) { try { w.removeEventListener(k, check, true); } catch { /* the frame is gone */ } } }};
  }
  function landed() {
    const watch = globalThis.jingbanWatch;
    if (!watch) return {ok: {hit: true}};
    watch.end();
    delete globalThis.jingbanWatch;
    return {ok: watch.seen};
  }

  const fire = (el, type, Kind = Event) => el.dispatchEvent(new Kind(type, {bubbles: true}));
  const setter = (el) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(el), 'value').set;
  const YES = /^(是|true|1|√|yes|on)$/i, NO = /^(否|false|0||no|off)$/i;
  const picksDate = (el) => el.onclick || el.onfocus || /date|calendar/i.test(el.className + el.id + el.name);

  function write(f, value) {
    const el = f.el;
    if (f.group || el.type === 'radio') return tick(f, value);
    if (disabled(el)) return 'disabled';
    if (el.type === 'checkbox') return tickOne(el, value);
    if (el.tagName === 'SELECT') return choose(el, value);
    if (el.readOnly && el.value !== value && !picksDate(el)) return 'disabled';
    if (el.maxLength >= 0 && value.length > el.maxLength) return 'not_kept';
    el.focus();
    setter(el).call(el, value);
    fire(el, 'input', InputEvent);
    fire(el, 'change');
    el.blur();
    return '';
  }
  function choose(el, value) {
    const options = [...el.options].filter((o) => !o.disabled && norm(o.text) === norm(value));
    if (options.length !== 1) return options.length ? 'ambiguous' : 'not_kept';
    el.focus();
    el.selectedIndex = options[0].index;
    fire(el, 'input', InputEvent);
    fire(el, 'change');
    el.blur();
    return '';
  }
  function tick(f, value) {
    const wanted = f.el.type === 'radio' ? [norm(value)] : value.split(/[,，、;；]/).map(norm).filter(Boolean);
    for (const w of wanted) {
      const same = f.els.filter((c) => norm(optionText(c)) === w);
      if (same.length !== 1) return same.length ? 'ambiguous' : 'not_kept';
      if (disabled(same[0])) return 'disabled';
    }
    for (const c of f.els) if (wanted.includes(norm(optionText(c))) !== c.checked && (c.type === 'checkbox' || !c.checked)) c.click();
    return '';
  }
  function tickOne(el, value) {
    const yes = YES.test(value.trim()) || (norm(value) !== '' && norm(value) === norm(optionText(el)));
    if (!yes && !NO.test(value.trim())) return 'not_kept';
    if (el.checked !== yes) el.click();
    return '';
  }
  function kept(f, value) {
    const el = f.el;
    if (f.group || el.type === 'radio') return f.els.filter((c) => c.checked).map(optionText).map(tidy).join('、');
    if (el.type === 'checkbox') return el.checked === (YES.test(value.trim()) || norm(value) === norm(optionText(el)) && norm(value) !== '') ? value : '';
    return el.tagName === 'SELECT' ? tidy((el.selectedOptions[0] || {}).text) : el.value;
  }
  const charset = (el) => (el.form && el.form.acceptCharset) || el.ownerDocument.characterSet;

  // ---- what the page says -------------------------------------------------------
  const pageText = () => documents().map((d) => d.body && d.body.tagName === 'BODY' ? d.body.innerText : '').filter(Boolean).join('\n');
  function html(doc) {
    const copy = doc.documentElement.cloneNode(true);
    const from = doc.documentElement.querySelectorAll('input,select,textarea'), to = copy.querySelectorAll('input,select,textarea');
    from.forEach((c, i) => {
      const t = to[i];
      if (c.type === 'password') t.setAttribute('value', '');
      else if (c.type === 'radio' || c.type === 'checkbox') t.toggleAttribute('checked', c.checked);
      else if (c.tagName === 'SELECT') [...t.options].forEach((o, n) => o.toggleAttribute('selected', c.options[n].selected));
      else if (c.tagName === 'TEXTAREA') t.textContent = c.value;
      else if (c.type !== 'file') t.setAttribute('value', c.value);
    });
    return copy.outerHTML;
  }

  // ---- the orders -----------------------------------------------------------------
  const orders = {
    text: () => ({ok: {text: pageText(), ready: documents().every((d) => d.readyState === 'complete')}}),
    html: () => ({ok: {frames: documents().map((d) => ({path: d.location.origin === 'null' ? '' : d.location.pathname, html: html(d)}))}}),
    where: () => ({ok: {url: location.href}}),
    landed,
    async pause() { await pause(100); return {ok: {}}; },
    async aim() {
      const got = one();
      if (got.fault) return got;
      const aimed = await aim(got.found.el);
      return aimed.fault ? aimed : {ok: aimed.ok, fallback: got.fallback};
    },
    async menu() {
      const els = entry(order.menu, order.depth);
      return els.length === 1 ? aim(els[0]) : fault(els.length ? 'ambiguous' : 'missing', els.length);
    },
    async fill() {
      const got = one();
      if (got.fault) return got;
      const bad = write(got.found, order.value);
      if (bad) return fault(bad, 1);
      await pause(0);
      return {ok: {text: kept(got.found, order.value), charset: charset(got.found.el), page: pageText()}, fallback: got.fallback};
    },
    peek() {
      const got = one();
      return got.fault ? got : {ok: {text: kept(got.found, order.value), charset: charset(got.found.el), page: pageText()}, fallback: got.fallback};
    },
    element() {
      const got = one();
      return got.fault || !isFile(got.found.el) ? null : got.found.el;
    },
    attached() {
      const got = one();
      return got.fault ? got : {ok: {text: [...(got.found.el.files || [])].map((f) => f.name + '\n' + f.size).join('\n'), charset: charset(got.found.el), page: pageText()}, fallback: got.fallback};
    },
    rows() {
      const found = tables(at, want);
      if (found.length !== 1) return fault(found.length ? 'ambiguous' : 'missing', found.length);
      return {ok: {columns: found[0].columns.filter(Boolean), rows: rowsOf(found[0]), page: pageText()}};
    },
    read() {
      if (at.table) {
        const cells = tables(at, want).flatMap((g) => cellsAt(g, at));
        return cells.length === 1 ? {ok: {text: cellText(cells[0]), page: pageText()}} : fault(cells.length ? 'ambiguous' : 'missing', cells.length);
      }
      const got = at.label || at.css ? one() : fault('missing', 0);
      if (!got.fault) {
        const c = got.found.el;
        return {ok: {text: c.matches(CONTROLS) ? (got.found.group ? kept(got.found, '') : tidy(shownValue(c))) : cellText(c), page: pageText()}, fallback: got.fallback};
      }
      if (got.fault === 'ambiguous') return got;
      const texts = shownTexts(want, at);
      return texts.length === 1 ? {ok: {text: texts[0], page: pageText()}} : fault(texts.length ? 'ambiguous' : 'missing', texts.length);
    },
  };
  return orders[order.do]();
}
