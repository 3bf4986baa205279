  // ---- what a page is told by ---------------------------------------------------
  // marks are a page's fields, buttons and tables by their captions, never a value:
  // what a person would say has changed when the page has. Boxes say where each stands
  // in a picture of the whole page; a frame of another origin does not know. What comes
  // and goes with the data is no mark: a layout table of one row, a button in a list's row.
  function marks() {
    const say = (s) => tidy(s).replace(/[:：*＊\s]/g, '');
    const short = (s) => s && s.length <= 30 && !/\d{6}/.test(s);
    const kind = (f) => f.group ? kindOf(f.el) + 's' : f.el.type === 'password' || isFile(f.el) ? f.el.type : kindOf(f.el);
    const boxes = {};
    const told = (what, list) => list.filter((m) => short(m.name)).map((m) => {
      const mark = m.kind ? m.kind + ' ' + m.name : m.name, box = pageBox(m.el);
      if (box && !boxes[what + ' ' + mark]) boxes[what + ' ' + mark] = box;
      return mark;
    });
    const listed = shown(TABLES).map(gridOf).filter(Boolean);
    const inList = (e) => listed.some((g) => g.body.some((tr) => tr.contains(e)));
    const grids = listed.filter((g) => g.head.some((tr) => cellsIn(tr).every((c) => c.matches(HEADS))) || rowsIn(g.table).length > 1).map((g) => ({el: g.table, mark: g.columns.map(say).filter(short).join(' | ')}));
    for (const g of grids) { const box = pageBox(g.el); if (box && !boxes['table ' + g.mark]) boxes['table ' + g.mark] = box; }
    return {fields: told('field', fields().map((f) => ({el: f.el, kind: kind(f), name: say(closeNames(f)[0] || farNames(f)[0] || '')}))),
      buttons: [...new Set(told('button', shown(BUTTONS).filter((e) => !inList(e)).map((e) => ({el: e, name: say(names(e)[0] || '')}))))],
      tables: grids.map((g) => g.mark), frames: docs.length, boxes};
  }
  function pageBox(el) {
    if (window !== window.top) return null;
    const r = el.getBoundingClientRect(), p = place(el, {x: r.left, y: r.top}), n = Math.round;
    return {x: n(p.x + window.scrollX), y: n(p.y + window.scrollY), w: n(r.width), h: n(r.height)};
  }
