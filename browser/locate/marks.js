  // ---- what a page is told by ---------------------------------------------------
  // marks are a page's fields, buttons and tables by their captions, never a value:
  // what a person would say has changed when the page has.
  function marks() {
    const say = (s) => tidy(s).replace(/[:：*＊\s]/g, '');
    const short = (s) => s && s.length <= 30 && !/\d{6}/.test(s);
    const kind = (f) => f.group ? kindOf(f.el) + 's' : f.el.type === 'password' || isFile(f.el) ? f.el.type : kindOf(f.el);
    const field = (f) => ({kind: kind(f), name: say(closeNames(f)[0] || farNames(f)[0] || '')});
    const buttons = shown(BUTTONS).map((e) => say(names(e)[0] || '')).filter(short);
    return {fields: fields().map(field).filter((f) => short(f.name)).map((f) => f.kind + ' ' + f.name), buttons: [...new Set(buttons)],
      tables: shown(TABLES).map(gridOf).filter(Boolean).map((g) => g.columns.map(say).filter(short).join(' | ')), frames: docs.length};
  }
