  // ---- writing ----------------------------------------------------------------
  const fire = (el, type, Kind = Event, more = {}) => el.dispatchEvent(new Kind(type, {bubbles: true, composed: true, ...more}));
  const setter = (el) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(el), 'value').set;
  const YES = /^(是|true|1|√|yes|on|checked)$/i, NO = /^(否|false|0||no|off)$/i;
  const picksDate = (el) => el.onclick || el.onfocus || /date|calendar|picker/i.test(el.className + el.id + el.name);
  // suggests says that a field offers entries to choose from while one types.
  const suggests = (el) => el.tagName === 'INPUT' && (el.getAttribute('role') === 'combobox' || /list|both/.test(el.getAttribute('aria-autocomplete') || '') ||
    el.getAttribute('aria-haspopup') === 'listbox' || /autocomplete|suggest|typeahead|tt-input/i.test(el.className) || el.readOnly && up(el, '[class*=select],[class*=cascader],[class*=dropdown]') !== null);

  // dateOf reads a date in any of its usual spellings.
  function dateOf(s) {
    const m = /^\s*(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[日月]?|(\d{2})(\d{2})?)(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?\s*$/.exec((s || '').normalize('NFKC'));
    if (!m) return null;
    const two = (n) => n ? n.padStart(2, '0') : '';
    return {y: m[1], m: two(m[2] || m[4]), d: two(m[3] || m[5]), t: m[6] || ''};
  }
  // native is a value as the browser's own pickers want it.
  function native(el, value) {
    const d = dateOf(value);
    if (!d || !d.m) return value;
    if (el.type === 'month') return d.y + '-' + d.m;
    if (el.type === 'date' && d.d) return [d.y, d.m, d.d].join('-');
    if (el.type === 'datetime-local' && d.d) return [d.y, d.m, d.d].join('-') + 'T' + (d.t || '00:00');
    return value;
  }
  // dateParts are the fields for month and day behind the one for the year.
  function dateParts(el) {
    const cell = el.parentElement, those = [...cell.querySelectorAll('select,input')].filter(boxed);
    const i = those.indexOf(el);
    if (i < 0 || those.length < i + 3) return null;
    const parts = those.slice(i, i + 3), marks = parts.map((c) => norm(after(c) || (c.nextSibling ? words(c.nextSibling) : ''))[0]);
    const chinese = marks[0] === '年' && marks[1] === '月', dashed = /[-/.]/.test(marks[0]) && marks[0] === marks[1];
    return chinese || dashed ? parts : null;
  }
  function writeDate(parts, d) {
    for (const [c, forms] of [[parts[0], [d.y]], [parts[1], [d.m, String(Number(d.m)), Number(d.m) + '月']], [parts[2], [d.d, String(Number(d.d)), Number(d.d) + '日']]]) {
      const fits = c.tagName !== 'SELECT' ? forms[0] : forms.find((f) => [...c.options].some((o) => norm(o.text) === f));
      if (fits === undefined) return 'not_kept';
      const bad = c.tagName === 'SELECT' ? choose(c, fits) : type(c, fits);
      if (bad) return bad;
    }
    return '';
  }
  function partsFor(f, value) {
    const d = dateOf(value);
    if (!d || !d.d || f.group || !/^(SELECT|INPUT)$/.test(f.el.tagName) || /^(date|month|datetime-local|checkbox|radio)$/.test(f.el.type)) return null;
    return dateParts(f.el);
  }

  function write(f, value) {
    const el = f.el, kind = kindOf(el);
    if (f.group || kind === 'radio') return tick(f, value);
    if (disabled(el)) return 'disabled';
    const parts = partsFor(f, value);
    if (parts) return writeDate(parts, dateOf(value));
    switch (kind) {
      case 'checkbox': return tickOne(el, value);
      case 'select': return choose(el, value);
      case 'rich': case 'frame': return compose(el, value);
      case 'list': remember(el, value); return 'list';
      case 'code': return 'list';
    }
    if (el.readOnly && el.value !== value && !picksDate(el) && !suggests(el)) return 'disabled';
    return suggests(el) ? suggest(el, value) : type(el, native(el, value));
  }
  function type(el, value) {
    if (el.maxLength >= 0 && value.length > el.maxLength) return 'not_kept';
    el.focus();
    setter(el).call(el, value);
    fire(el, 'input', InputEvent, {inputType: 'insertText', data: value});
    if (!el.readOnly) fire(el, 'keyup', KeyboardEvent, {key: value.slice(-1)});
    fire(el, 'change');
    el.blur();
    return '';
  }
  // suggest types without leaving the field, so that its entries stay open.
  function suggest(el, value) {
    remember(el, value);
    el.focus();
    if (el.readOnly) return 'list';
    fire(el, 'keydown', KeyboardEvent, {key: value.slice(-1)});
    setter(el).call(el, value);
    fire(el, 'input', InputEvent, {inputType: 'insertText', data: value});
    fire(el, 'keyup', KeyboardEvent, {key: value.slice(-1)});
    return 'suggest';
  }
  function compose(el, value) {
    const doc = editorDoc(el) || el.ownerDocument, body = editorDoc(el) ? doc.body : el;
    body.focus();
    const selection = doc.defaultView.getSelection();
    selection.selectAllChildren(body);
    if (!doc.execCommand('insertText', false, value) || norm(body.innerText) !== norm(value)) body.innerText = value;
    fire(body, 'input', InputEvent, {inputType: 'insertText', data: value});
    fire(body, 'change');
    body.blur();
    return '';
  }
  const listOf = (value) => value.split(/[,，、;；\n]/).map((s) => s.trim()).filter((s) => norm(s));
  // optionOf finds the one option of a text: as written, then laxly, then by the
  // words behind a code ("11-合同期满" for 合同期满).
  function optionOf(el, value) {
    const able = [...el.options].filter((o) => !o.disabled);
    for (const test of [(o) => norm(o.text) === norm(value), (o) => fold(o.text) === fold(value)]) {
      const found = able.filter(test);
      if (found.length) return found;
    }
    return [];
  }
  function choose(el, value) {
    const whole = optionOf(el, value);
    const wanted = el.multiple && !whole.length ? listOf(value).map((v) => optionOf(el, v)) : [whole];
    const bad = wanted.find((o) => o.length !== 1);
    if (bad) return bad.length ? 'ambiguous_option' : 'not_kept';
    el.focus();
    if (el.multiple) for (const o of el.options) o.selected = wanted.some((w) => w[0] === o);
    else el.selectedIndex = wanted[0][0].index;
    fire(el, 'input');
    fire(el, 'change');
    el.blur();
    return '';
  }
  const isOn = (c) => c.tagName === 'INPUT' ? c.checked : c.getAttribute('aria-checked') === 'true';
  function tick(f, value) {
    const one = kindOf(f.el) === 'radio', wanted = one ? [value] : listOf(value);
    const chosen = [];
    for (const w of wanted) {
      const same = withWish([w], () => twice(f.els, (c) => [optionText(c)]));
      if (same.length !== 1) return same.length ? 'ambiguous_option' : 'not_kept';
      if (disabled(same[0])) return 'disabled';
      chosen.push(same[0]);
    }
    for (const c of f.els) if (chosen.includes(c) !== isOn(c) && (!one || !isOn(c))) c.click();
    return '';
  }
  const says = (el, value) => norm(value) !== '' && fold(value) === fold(optionText(el));
  function tickOne(el, value) {
    const yes = YES.test(value.trim()) || says(el, value);
    if (!yes && !NO.test(value.trim())) return 'not_kept';
    if (isOn(el) !== yes) el.click();
    return '';
  }
  function kept(f, value) {
    const el = f.el, kind = kindOf(el);
    if (f.group || kind === 'radio') return f.els.filter(isOn).map(optionText).map(tidy).join('、');
    const parts = partsFor(f, value);
    if (parts) return parts.map((c) => (c.tagName === 'SELECT' ? tidy((c.selectedOptions[0] || {}).text) : c.value).replace(/\D/g, '').padStart(2, '0')).join('-');
    switch (kind) {
      case 'checkbox': return isOn(el) === (YES.test(value.trim()) || says(el, value)) ? value : '';
      case 'select': return [...el.selectedOptions].map((o) => tidy(o.text)).join('、');
      case 'rich': return el.innerText.replace(/\n$/, '');
      case 'frame': return editorDoc(el).body.innerText.replace(/\n$/, '');
      case 'code': return [...el.querySelectorAll('.CodeMirror-line,.ace_line')].map((l) => l.textContent.replace(/\u200b/g, '')).join('\n');
      case 'list': return tidy(el.innerText);
    }
    return el.value;
  }
  const charset = (el) => (el.form && el.form.acceptCharset) || el.ownerDocument.characterSet;

  // remember notes a field that is about to offer entries, and what says the value
  // already: whatever stood there before is no entry of its list.
  function remember(el, value) {
    globalThis.jingbanOffers = withWish([value], () => ({el, stood: new WeakSet([...saying(), ...twice(shown(OPTIONS), (e) => [words0(e)])])}));
  }
  const OPTIONS = '[role=option],[role=menuitem],[role=treeitem]';
  // choices are the entries of the list that the field of before has opened over
  // the page. A button, a link to somewhere and another field are no entries.
  function choices(value) {
    const offers = globalThis.jingbanOffers;
    if (!offers) return [];
    const mine = (e) => e.matches('[role=option]') && (holds(offers.el, e) || named(offers.el, 'aria-controls').concat(named(offers.el, 'aria-owns')).some((list) => holds(list, e)));
    const leads = (e) => up(e, BUTTONS + ',' + CONTROLS + ',label,summary') || [up(e, 'a[href],area')].some((a) => a && !/^(#|javascript:)/i.test((a.getAttribute('href') || '').trim()));
    return withWish([value], () => {
      const marked = twice(shown(OPTIONS), (e) => [words0(e)]).filter((e) => mine(e) || !offers.stood.has(e) && (e.matches('[role=option]') || !leads(e)));
      return marked.length ? innermost(marked) : saying().filter((e) => !offers.stood.has(e) && floats(e) && !leads(e));
    });
  }
  function floats(e) {
    for (let n = e; n && n.nodeType === 1; n = above(n)) if (/absolute|fixed/.test(n.ownerDocument.defaultView.getComputedStyle(n).position)) return true;
    return false;
  }
