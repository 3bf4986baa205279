  // ---- what the page says -------------------------------------------------------
  const pageText = () => docs.map((d) => d.body && d.body.tagName === 'BODY' ? d.body.innerText + treesOf(d).slice(1).map((r) => '\n' + tidy([...r.childNodes].map(words).join(''))).join('') : '').filter(Boolean).join('\n');
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
  const told = (got) => ({ok: {text: kept(got.found, order.value), charset: charset(got.found.el), page: pageText()}, fallback: got.fallback});
  // unseen says that this frame is not shown at all, which only its owner's page
  // knows otherwise.
  const unseen = () => !window.innerWidth || !window.innerHeight;

  // calm waits until no script has changed the page for so many milliseconds, at
  // most five times as long. A page without scripts changes by itself only when it
  // says that it will.
  const live = (d) => d.querySelector('script,meta[http-equiv=refresh i],object,embed,applet,marquee') || d.body && d.body.matches('[onload]');
  async function calm(ms) {
    if (!docs.some(live)) return;
    const end = performance.now() + 5 * ms;
    let last = performance.now();
    const eye = new MutationObserver(() => { last = performance.now(); });
    for (const d of docs) eye.observe(d, {subtree: true, childList: true, characterData: true, attributes: true});
    for (let left = ms; left > 0 && performance.now() < end; left = last + ms - performance.now()) await pause(left);
    eye.disconnect();
  }

  // ---- the orders -----------------------------------------------------------------
  const orders = {
    ...pointing,
    async text() {
      if (order.calm && !unseen()) await calm(order.calm);
      return {ok: {text: unseen() ? '' : pageText(), ready: docs.every((d) => d.readyState === 'complete')}, blind: all('iframe,frame').filter((f) => !f.contentDocument && boxed(f)).length};
    },
    html: () => ({ok: {frames: docs.map((d) => ({path: d.location.origin === 'null' ? '' : d.location.pathname, html: html(d)}))}}),
    where: () => ({ok: {url: location.href, apart: window !== window.parent && !window.frameElement}}),
    landed,
    marks: () => ({ok: unseen() ? {frames: 0} : marks()}),
    // over says whether a point lies in a frame that lets nobody in.
    over() {
      let root = document, p = {x: order.x, y: order.y};
      for (;;) {
        const hit = deepest(root, p);
        if (!hit) return fault('offscreen', 1);
        if (!/^I?FRAME$/.test(hit.tagName)) return fault('covered', 1, caption(hit));
        if (!hit.contentDocument) return {ok: {}};
        const r = hit.getBoundingClientRect();
        p = {x: p.x - r.left - hit.clientLeft, y: p.y - r.top - hit.clientTop};
        root = hit.contentDocument;
      }
    },
    shield() { watch(null); return {ok: {}}; },
    guard() { guard(); return {ok: {}}; },
    async pause() { await pause(100); return {ok: {}}; },
    // count says how many things here answer to the locator, without touching any.
    count() {
      if (unseen()) return {ok: {count: 0}};
      if (order.menu) return {ok: {count: entry(order.menu, order.depth).length}};
      if (order.verb !== 'option') delete globalThis.jingbanOffers;
      if (order.value && order.verb === 'option') return {ok: {count: choices(order.value).length}};
      let n = order.rows ? tables(at).length : candidates().length;
      if (!n && at.css) n = all(at.css).filter((e) => boxed(e) || isFile(e)).length;
      if (!n && order.verb === 'read' && at.label) n = shownTexts(at).length;
      return {ok: {count: n}};
    },
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
    async option() {
      const els = choices(order.value);
      return els.length === 1 ? aim(els[0]) : fault(els.length ? 'ambiguous' : 'missing', els.length);
    },
    async fill() {
      const got = one();
      if (got.fault) return got;
      const f = got.found;
      const bad = write(f, order.value);
      if (/^(suggest|list)$/.test(bad)) return {ok: {choose: bad === 'suggest' ? 'typed' : kindOf(f.el) === 'code' ? 'keys' : 'open'}, fallback: got.fallback};
      if (bad) return fault(bad, 1);
      await pause(0);
      return told(got);
    },
    // focus empties a field for real keys.
    focus() {
      const got = one();
      if (got.fault) return got;
      const el = got.found.el, to = el.matches('.CodeMirror,.ace_editor') ? el.querySelector('textarea') : el;
      if (disabled(to) || to.readOnly) return fault('disabled', 1);
      to.focus();
      if (to.select) to.select();
      return {ok: {}, fallback: got.fallback};
    },
    leave() {
      for (const d of docs) { let a = d.activeElement; while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement; if (a && a !== d.body && a.blur && !/^I?FRAME$/.test(a.tagName)) { fire(a, 'change'); a.blur(); } }
      return {ok: {}};
    },
    peek() {
      const got = one();
      return got.fault ? got : told(got);
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
      const found = tables(at);
      if (found.length !== 1) return fault(found.length ? 'ambiguous' : 'missing', found.length);
      return {ok: {columns: found[0].columns.filter(Boolean), rows: rowsOf(found[0]), page: pageText()}};
    },
    read() {
      if (at.table) {
        const cells = tables(at).flatMap((g) => cellsAt(g, at));
        return cells.length === 1 ? {ok: {text: cellText(cells[0]), page: pageText()}} : fault(cells.length ? 'ambiguous' : 'missing', cells.length);
      }
      const got = at.label || at.css || at.text ? one() : fault('missing', 0);
      if (!got.fault) {
        const c = got.found.el, field = c.matches(CONTROLS + ',' + ROLES + ',' + EDITABLE) || editorDoc(c);
        return {ok: {text: field ? (got.found.group || !c.matches(CONTROLS) ? kept(got.found, '') : tidy(shownValue(c))) : cellText(c), page: pageText()}, fallback: got.fallback};
      }
      if (got.fault === 'ambiguous') return got;
      const texts = shownTexts(at);
      return texts.length === 1 ? {ok: {text: texts[0], page: pageText()}} : fault(texts.length ? 'ambiguous' : 'missing', texts.length);
    },
  };
