  // ---- texts that stand in pixels -----------------------------------------------
  // surfaces are what may show a text that is none in the document: pictures,
  // canvases, and boxes that show nothing but a picture behind them.
  const PIXELS = 'img,input[type=image],canvas,svg,object,embed,video';
  const painted = (e) => !norm(words(e)) && !e.querySelector(PIXELS + ',' + CONTROLS) && /url\(/.test(e.ownerDocument.defaultView.getComputedStyle(e).backgroundImage);
  function surfaces() {
    const found = shown(PIXELS).filter((e) => !up(above(e), 'svg'));
    const behind = docs.flatMap((d) => pierce(d, 'a,button,input,div,span,td,th,li,i,b,p,label')).filter((e) => !e.matches(PIXELS) && boxed(e) && painted(e));
    return innermost([...found, ...behind]).filter((e) => { const r = e.getBoundingClientRect(); return r.width >= 14 && r.height >= 9; });
  }
  // shows says where a surface lies in the tab's viewport and whether all of it is
  // there to be seen.
  function shows(el) {
    const r = el.getBoundingClientRect(), view = el.ownerDocument.defaultView, to = place(el, {x: r.left, y: r.top});
    let inside = r.left >= -1 && r.top >= -1 && r.right <= view.innerWidth + 1 && r.bottom <= view.innerHeight + 1;
    for (let w = view, p = to; inside && w !== window; w = w.parent) inside = p.x >= -1 && p.y >= -1 && p.x + r.width <= window.innerWidth + 1 && p.y + r.height <= window.innerHeight + 1;
    return {x: to.x, y: to.y, w: r.width, h: r.height, seen: inside && !/^covered/.test(hits(el, {x: r.left + r.width / 2, y: r.top + r.height / 2})), canvas: !el.matches('img,input[type=image]')};
  }
  // twinOf is the first surface that shows the same picture in the same size.
  function twinOf(els, i) {
    const one = (e) => e.matches('img,input[type=image]') ? (e.currentSrc || e.src) + ' ' + e.offsetWidth + 'x' + e.offsetHeight : null;
    const mine = one(els[i]);
    return mine === null ? i : els.findIndex((e) => one(e) === mine);
  }
  // pointing are the orders about surfaces; they share one list until it is made anew.
  const pointing = {
    surfaces() {
      if (unseen()) return {ok: {surfaces: []}};
      const els = globalThis.jingbanSurfaces = surfaces();
      return {ok: {surfaces: els.map((e, i) => ({...shows(e), same: twinOf(els, i)})), width: window.innerWidth, height: window.innerHeight}};
    },
    // reveal brings a surface into view.
    async reveal() {
      const el = (globalThis.jingbanSurfaces || [])[order.index];
      if (!el || !el.isConnected) return fault('missing', 0);
      if (!shows(el).seen) el.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
      return await still(el) ? {ok: shows(el)} : fault('moving', 1);
    },
    // pick narrows surfaces down as any other element, by what stands beside them.
    pick() {
      const els = (order.picks || []).map((i) => globalThis.jingbanSurfaces[i]);
      const kept = narrow(els, at);
      return {ok: {picks: els.map((e, i) => kept.includes(e) ? order.picks[i] : -1).filter((i) => i >= 0)}};
    },
    // point aims at a place of a surface, given in shares of its box.
    point() {
      const el = (globalThis.jingbanSurfaces || [])[order.index];
      if (!el || !el.isConnected) return fault('missing', 0);
      const r = el.getBoundingClientRect(), to = {x: r.left + r.width * order.x, y: r.top + r.height * order.y};
      const thing = up(el, BUTTONS + ',' + LINKS) || el;
      if (disabled(thing)) return fault('disabled', 1);
      if (commits(thing)) return fault('commits', 1);
      const bad = hits(el, to);
      if (bad) return fault(bad.split(' ')[0], 1, bad.split(' ').slice(1).join(' '));
      if (commits(deepest(el.ownerDocument, to))) return fault('commits', 1);
      watch(el);
      return {ok: place(el, to)};
    },
  };
