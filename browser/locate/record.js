  // ---- the way back: from an element to what finds exactly it -------------------
  // shortName is a text that may stand in a playbook: no value, no sentence.
  const shortName = (s) => { const t = tidy(s).replace(/[:：*]+$/, '').trim(); return t && t.length <= 30 && !/\d{6}/.test(t) ? t : ''; };
  const shortNames = (list) => [...new Set(list.map(shortName).filter(Boolean))];
  // finds says that a locator finds the element and nothing else, as playback would.
  function finds(locator, el) {
    for (const k of Object.keys(at)) delete at[k];
    Object.assign(at, locator);
    wish = new Set([locator.label || locator.button || locator.link || locator.text].filter(Boolean));
    const got = one();
    return !got.fault && !got.fallback && (got.found.el === el || got.found.els.includes(el));
  }
  // surroundings are texts near an element that may tell it from its twins.
  function surroundings(el) {
    const list = [];
    for (let n = el; n && n.nodeType === 1; n = above(n)) {
      if (/^(FIELDSET|TABLE|FORM|SECTION)$/.test(n.tagName)) list.push(...[...n.querySelectorAll('legend,caption,h1,h2,h3,h4')].filter(boxed).map(words));
      for (let p = n.previousElementSibling, i = 0; p && i < 3; p = p.previousElementSibling, i++) if (!holdsControl(p)) list.push(words(p));
    }
    return shortNames(list).slice(0, 8);
  }
  const rowNames = (el) => { const tr = up(el, ROW); return tr ? shortNames([...tr.children].map(words)) : []; };
  function locatorOf(el, kind, texts) {
    const plain = texts.map((text) => ({[kind]: text}));
    const closer = plain.flatMap((l) => [...rowNames(el).map((row) => ({...l, row})), ...surroundings(el).map((near) => ({...l, near}))]);
    return [...plain, ...closer].find((l) => finds(l, el)) || {css: pathOf(el)};
  }
  // pathOf is the last resort, which the linter warns of.
  function pathOf(el) {
    if (el.id && !/\d{3}/.test(el.id)) return '#' + CSS.escape(el.id);
    if (el.name) return el.tagName.toLowerCase() + '[name="' + CSS.escape(el.name) + '"]';
    const nth = [...el.parentElement.children].filter((e) => e.tagName === el.tagName).indexOf(el) + 1;
    return el.parentElement.tagName.toLowerCase() + ' > ' + el.tagName.toLowerCase() + ':nth-of-type(' + nth + ')';
  }
  // deedOf says what a person did to an element, without what they wrote; null for what
  // is no deed of its own.
  function deedOf(el, happened) {
    if (happened === 'click') {
      const pressed = up(el, BUTTONS) || up(el, LINKS);
      if (!pressed || up(el, CONTROLS) || rich(pressed) || el.tagName === 'LABEL' || up(el, 'label') && !up(el, 'a,button')) return null;
      const kind = pressed.matches(BUTTONS) ? 'button' : 'link';
      return {verb: 'click', at: locatorOf(pressed, kind, shortNames(names(pressed).map((s) => tidy(s).replace(/[[(](?:[A-Za-z]|F\d{1,2})[\])]$/, '')))), inert: false};
    }
    const field = fields().find((f) => f.els.includes(el));
    if (!field) return null;
    order.verb = isFile(el) ? 'attach' : 'fill';
    return {verb: order.verb, secret: el.type === 'password', at: locatorOf(el, 'label', shortNames([...closeNames(field), ...farNames(field)]))};
  }
  orders.deed = () => { const deed = deedOf(order.el, order.happened); return deed ? {ok: deed} : fault('missing', 0); };
