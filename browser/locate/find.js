  // ---- finding: exactly one, or a fault ---------------------------------------
  const at = order.at || {};
  const key = at.label || at.button || at.link || at.text || at.table || '';
  let wish = new Set([key, ...(at.alias || [])].filter(Boolean));

  // cellThing is what a person means by a cell: the one field or button in it.
  function cellThing(cell) {
    const inner = [...cell.querySelectorAll(CONTROLS + ',' + ROLES + ',' + BUTTONS + ',a,[onclick]')].filter((e) => boxed(e) || stylable(e));
    const fits = order.verb === 'fill' || order.verb === 'attach' ? inner.filter((e) => e.matches(CONTROLS + ',' + ROLES)) : inner;
    return fits.length ? fits : [cell];
  }
  function inTables() {
    const cells = tables(at).flatMap((g) => cellsAt(g, at));
    if (at.column || !at.button && !at.link) return cells.flatMap(cellThing);
    return cells;
  }
  function candidates() {
    if (at.label) return byLabel(at);
    if (at.button) return buttons(at).map((el) => ({el}));
    if (at.link) return links(at).map((el) => ({el}));
    if (at.text) return narrow(saying(), at).map((el) => ({el}));
    if (at.table) return inTables().map((el) => ({el}));
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
  function fault(code, count, by) {
    return {fault: code, count, near: code === 'missing' ? nearest() : by ? [by] : []};
  }
  // nearest names what a person might have meant; only captions, never values.
  function nearest() {
    const pool = order.menu ? shown(LINKS).flatMap(names) : at.label ? fields().flatMap(closeNames) :
      at.button ? shown(BUTTONS).flatMap(names) : at.link ? shown('a,[role=link]').flatMap(names) :
      at.table ? shown('caption,legend,th,[role=columnheader]').map(words) : [];
    const mine = [...wish, ...(order.menu || []).slice(order.depth, order.depth + 1)].map(fold);
    const like = (s) => [...fold(s)].filter((ch) => mine.some((w) => w.includes(ch))).length / Math.max(1, s.length);
    const short = pool.map((s) => tidy(s).replace(/[:：*]/g, '')).filter((s) => s && s.length <= 30 && !/\d{6}/.test(s));
    return [...new Set(short)].sort((a, b) => like(b) - like(a)).slice(0, 5);
  }

  // ---- what changes something for good -----------------------------------------
  // commits says that a click on an element would press something that the system's
  // file names as committing: itself, or the button or link it stands in. A menu
  // entry may bear such a name; a button in its place may not.
  function commits(el) {
    const named = order.commits || [];
    if (!named.length || !el || el.nodeType !== 1) return false;
    return withWish(named, () => {
      for (let n = el; n && n.nodeType === 1; n = above(n)) {
        const presses = n.matches(BUTTONS) || !order.menu && !n.matches(CONTROLS) && (n === el || n.matches(LINKS));
        if (presses && twice([n], names, bare).length) return true;
      }
      return false;
    });
  }
  // submits says the same of the form that a key sends, by its first submit button.
  const submits = (form) => commits(form && form.nodeType === 1 && form.querySelector('input[type=submit],input[type=image],button:not([type]),button[type=submit]'));

  // ---- aiming -----------------------------------------------------------------
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const disabled = (e) => e.matches(':disabled') || up(e, '[aria-disabled=true]') !== null;
  function place(el, point) {
    let x = point.x, y = point.y;
    for (let w = el.ownerDocument.defaultView; w !== window; w = w.parent) {
      const f = w.frameElement, r = f.getBoundingClientRect(), s = f.ownerDocument.defaultView.getComputedStyle(f);
      x += r.left + f.clientLeft + parseFloat(s.paddingLeft || 0);
      y += r.top + f.clientTop + parseFloat(s.paddingTop || 0);
    }
    return {x, y};
  }
  const deepest = (root, p) => { let hit = root.elementFromPoint(p.x, p.y); while (hit && hit.shadowRoot) { const next = hit.shadowRoot.elementFromPoint(p.x, p.y); if (!next || next === hit) break; hit = next; } return hit; };
  const belongs = (el, hit) => holds(el, hit) || (hit.tagName === 'LABEL' && hit.control === el) || up(hit, 'label') && up(hit, 'label').control === el;
  // hits says what lies at a point of an element: nothing else ('' is good), or
  // what is in the way.
  function hits(el, point) {
    const view = el.ownerDocument.defaultView;
    if (point.x < 0 || point.y < 0 || point.x >= view.innerWidth || point.y >= view.innerHeight) return 'offscreen';
    const hit = deepest(el.ownerDocument, point);
    if (!hit) return 'offscreen';
    if (!belongs(el, hit)) return 'covered ' + caption(hit);
    let p = point;
    for (let w = view; w !== window; w = w.parent) {
      const f = w.frameElement, r = f.getBoundingClientRect();
      p = {x: p.x + r.left + f.clientLeft, y: p.y + r.top + f.clientTop};
      const over = deepest(f.ownerDocument, p);
      if (over !== f) return over ? 'covered ' + caption(over) : 'offscreen';
    }
    return '';
  }
  // caption names what is in the way, without values.
  const caption = (e) => { const s = tidy(words(e)); return e.tagName.toLowerCase() + (s && s.length <= 12 && !/\d{6}/.test(s) ? ' ' + s : ''); };
  async function still(el) {
    let r = el.getBoundingClientRect();
    for (let i = 0; i < 12; i++) {
      await pause(16);
      const now = el.getBoundingClientRect();
      if (Math.abs(now.left - r.left) + Math.abs(now.top - r.top) + Math.abs(now.width - r.width) < 1) return true;
      r = now;
    }
    return false;
  }
  async function aim(el) {
    if (disabled(el)) return fault('disabled', 1);
    if (commits(el)) return fault('commits', 1);
    if (!boxed(el) && (el.labels || []).length) el = [...el.labels].find(boxed) || el;
    const r = el.getBoundingClientRect(), w = el.ownerDocument.defaultView;
    if (w !== window || r.top < 0 || r.left < 0 || r.bottom > w.innerHeight || r.right > w.innerWidth || hits(el, {x: r.left + r.width / 2, y: r.top + r.height / 2}) !== '') {
      el.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
    }
    if (!await still(el)) return fault('moving', 1);
    const box = el.tagName === 'AREA' ? areaBox(el) : el.getClientRects()[0];
    if (!box) return fault('missing', 0);
    let why = '';
    for (const [fx, fy] of [[0.5, 0.5], [0.25, 0.5], [0.75, 0.5], [0.5, 0.25], [0.5, 0.75]]) {
      const point = {x: box.left + box.width * fx, y: box.top + box.height * fy};
      const bad = hits(el, point);
      if (!bad && commits(deepest(el.ownerDocument, point))) return fault('commits', 1);
      if (!bad) { watch(el); return {ok: place(el, point)}; }
      why = why || bad;
    }
    return fault(why.split(' ')[0], 1, why.split(' ').slice(1).join(' '));
  }
  // areaBox is the rectangle round a part of an image map.
  function areaBox(area) {
    const map = up(area, 'map'), img = map && all('img[usemap]').find((i) => i.useMap === '#' + map.name);
    const n = area.coords.split(/[,\s]+/).map(Number), r = img && img.getBoundingClientRect();
    if (!r || n.length < 3) return null;
    if (n.length === 3) return {left: r.left + n[0] - 2, top: r.top + n[1] - 2, width: 4, height: 4};
    const xs = n.filter((_, i) => i % 2 === 0), ys = n.filter((_, i) => i % 2 === 1);
    return {left: r.left + Math.min(...xs), top: r.top + Math.min(...ys), width: Math.max(...xs) - Math.min(...xs), height: Math.max(...ys) - Math.min(...ys)};
  }
  const MOUSE = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
  const stop = (e) => { e.preventDefault(); e.stopImmediatePropagation(); };
  // listen has a check look at the page's events until landed.
  function listen(kinds, seen, check) {
    if (globalThis.jingbanWatch) globalThis.jingbanWatch.end();
    const windows = docs.map((d) => d.defaultView);
    for (const w of windows) for (const k of kinds) w.addEventListener(k, check, true);
    globalThis.jingbanWatch = {seen, end() { for (const w of windows) for (const k of kinds) { try { w.removeEventListener(k, check, true); } catch { /* the frame is gone */ } } }};
  }
  // watch keeps the coming click from anything but its element, should the page
  // move in the last moment. Without an element nothing may be hit at all. A click
  // that a script makes of ours is looked at for what it would press, like ours.
  function watch(el) {
    const seen = {hit: false, missed: false, commits: false};
    listen(MOUSE, seen, (e) => {
      const path = e.composedPath(), target = path[0];
      if (e.type === 'click' && commits(target)) { seen.commits = true; stop(e); return; }
      if (!e.isTrusted) return;
      if (el && (path.includes(el) || target.nodeType === 1 && belongs(el, target))) { seen.hit = true; return; }
      seen.missed = true;
      stop(e);
    });
  }
  // guard keeps keys from pressing or sending what only a commit may.
  function guard() {
    const seen = {hit: true, missed: false, commits: false};
    listen(['click', 'submit'], seen, (e) => {
      if (!commits(e.type === 'submit' ? e.submitter : e.composedPath()[0]) && !(e.type === 'submit' && !e.submitter && submits(e.target))) return;
      seen.commits = true;
      stop(e);
    });
  }
  function landed() {
    const watch = globalThis.jingbanWatch;
    if (!watch) return {ok: {hit: false}};
    watch.end();
    delete globalThis.jingbanWatch;
    return {ok: watch.seen};
  }
