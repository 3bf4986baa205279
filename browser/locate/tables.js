  // ---- tables ---------------------------------------------------------------
  const TABLES = 'table,[role=grid],[role=table],[role=treegrid]';
  const CELLS = 'td,th,[role=gridcell],[role=cell],[role=columnheader],[role=rowheader]';
  const HEADS = 'th,[role=columnheader]';
  const rowsIn = (table) => (table.tagName === 'TABLE' && table.rows.length ? [...table.rows] : [...table.querySelectorAll('[role=row]')]).filter((tr) => up(above(tr), TABLES) === table && boxed(tr));
  const cellsIn = (tr) => tr.cells ? [...tr.cells] : [...tr.querySelectorAll(CELLS)].filter((c) => up(c, ROW) === tr);
  const spanOf = (cell) => cell.colSpan || Number(cell.getAttribute('aria-colspan')) || 1;
  const widthOf = (tr) => cellsIn(tr).reduce((n, c) => n + spanOf(c), 0);
  function columnOf(cell) {
    let n = 0;
    for (let p = cell.previousElementSibling; p; p = p.previousElementSibling) n += spanOf(p);
    return n;
  }
  const grids = new Map();
  // gridOf reads a data table once per order: its headings, merged over several
  // heading rows, and its rows. A table without a row of at least two headings is
  // layout.
  function gridOf(table) {
    if (!grids.has(table)) grids.set(table, readGrid(table));
    return grids.get(table);
  }
  // headRows are the rows that name the columns: of headings only, or else the
  // first of several cells, if every cell of it is a word (a box that ticks all
  // rows may stand among three).
  function headRows(rows) {
    const body = rows.findIndex((tr) => cellsIn(tr).some((c) => !c.matches(HEADS)) && cellsIn(tr).length > 1);
    const head = rows.slice(0, body < 0 ? rows.length : body).filter((tr) => cellsIn(tr).length > 1 && cellsIn(tr).every((c) => c.matches(HEADS)));
    if (head.length) return head;
    const late = rows.filter((tr) => cellsIn(tr).length > 1 && cellsIn(tr).every((c) => c.matches(HEADS)));
    if (late.length) return late;
    const first = rows.find((tr) => cellsIn(tr).length > 1);
    if (!first || cellsIn(first).some((c) => c.querySelector(TABLES))) return [];
    const blank = cellsIn(first).filter((c) => !norm(words(c)));
    const busy = cellsIn(first).filter((c) => [...c.querySelectorAll(CONTROLS)].some((x) => boxed(x) && x.type !== 'checkbox'));
    if (busy.length || blank.length > 1 || blank.length === 1 && cellsIn(first).length < 4) return [];
    return [first];
  }
  function readGrid(table) {
    const rows = rowsIn(table), head = headRows(rows);
    if (!head.length) return null;
    const columns = columnsOf(head);
    if (columns.filter(Boolean).length < 2) return null;
    const last = rows.indexOf(head[head.length - 1]);
    const fits = (tr) => cellsIn(tr).length > 1 && widthOf(tr) === columns.length;
    let body = rows.slice(last + 1).filter(fits);
    if (!body.length) body = bodyApart(table).filter(fits);
    return {table, columns, body, head};
  }
  function columnsOf(head) {
    const columns = [], taken = [];
    head.forEach((tr, y) => {
      let x = 0;
      for (const cell of cellsIn(tr)) {
        while (taken[y] && taken[y][x]) x++;
        for (let dy = 0; dy < (cell.rowSpan || 1); dy++) for (let dx = 0; dx < spanOf(cell); dx++) {
          (taken[y + dy] = taken[y + dy] || [])[x + dx] = true;
          if (norm(words(cell))) columns[x + dx] = tidy(words(cell)).replace(/\s+/g, /[a-z]/i.test(words(cell)) ? ' ' : '');
          else columns[x + dx] = columns[x + dx] || '';
        }
        x += spanOf(cell);
      }
    });
    for (let i = 0; i < columns.length; i++) {
      columns[i] = columns[i] || '';
      const same = columns.slice(0, i).filter((c) => c === columns[i] && c).length;
      if (same) columns[i] += '#' + (same + 1);
    }
    return columns;
  }
  // bodyApart are the rows of a table whose headings stand in one of their own, as
  // in grids with a fixed head: the next table below the same few ancestors.
  function bodyApart(table) {
    for (let box = table.parentElement, i = 0; box && i < 5; box = box.parentElement, i++) {
      const next = [...box.querySelectorAll('table')].find((t) => t !== table && !t.contains(table) && (table.compareDocumentPosition(t) & 4) && boxed(t));
      if (next) return rowsIn(next).filter((tr) => !cellsIn(tr).every((c) => c.matches(HEADS)));
    }
    return [];
  }
  const shownValue = (c) => c.tagName === 'SELECT' ? [...c.selectedOptions].map((o) => o.text).join('、') :
    c.type === 'radio' || c.type === 'checkbox' ? (c.checked ? optionText(c) || '√' : '') : c.type === 'password' ? '' : c.value;
  function cellText(cell) {
    const values = [...cell.querySelectorAll(CONTROLS)].filter(boxed).map(shownValue);
    return tidy(words(cell) + ' ' + values.join(' '));
  }
  function titlesOf(grid) {
    const t = grid.table, set = up(t, 'fieldset'), legend = set && set.querySelector('legend');
    const over = rowsIn(t).slice(0, rowsIn(t).indexOf(grid.head[0])).filter((tr) => cellsIn(tr).length === 1);
    return [t.caption && words(t.caption), t.getAttribute('aria-label'), ...named(t, 'aria-labelledby').map(words0), t.title, legend && words(legend)].filter((n) => norm(n))
      .concat(over.map((tr) => headline(words(tr))), headline(textBefore(t)));
  }
  // headline cuts a count behind a title: "申领记录（共 3 条）".
  function headline(text) {
    const cut = norm(text).search(/[([【]|共\d/);
    return cut > 0 && !wish.has(norm(text)) ? norm(text).slice(0, cut) : norm(text);
  }
  // textBefore is the nearest text above an element.
  function textBefore(e) {
    for (let n = e; n && n.tagName !== 'BODY'; n = above(n)) {
      for (let p = n.previousSibling; p; p = p.previousSibling) {
        if (norm(words(p))) return p.nodeType === 1 && (p.tagName === 'TR' || p.tagName === 'TABLE') ? lastLine(p) : words(p);
      }
    }
    return '';
  }
  const lastLine = (p) => { const cells = [...p.querySelectorAll('td,th')].filter((c) => norm(words(c))); return cells.length ? words(cells[cells.length - 1]) : words(p); };
  function tables(at) {
    const list = shown(TABLES).map(gridOf).filter(Boolean);
    let found = twice(list, titlesOf);
    if (!found.length) found = twice(list, (g) => g.columns);
    found = found.filter((g) => !found.some((o) => o !== g && g.table.contains(o.table)));
    if (at.near && found.length > 1) { const kept = near(found.map((g) => g.table), at.near); found = found.filter((g) => kept.includes(g.table)); }
    return found;
  }
  function rowsOf(grid) {
    return grid.body.map((tr) => {
      const row = {};
      let x = 0;
      for (const cell of cellsIn(tr)) { if (grid.columns[x]) row[grid.columns[x]] = cellText(cell); x += spanOf(cell); }
      return row;
    });
  }
  // cellsAt are the cells of a table's column in the rows that hold a text; without
  // a column all cells of those rows.
  function cellsAt(grid, at) {
    const rows = at.row ? grid.body.filter((tr) => rowText(tr).includes(norm(at.row))) : grid.body;
    if (!at.column) return rows;
    const names = called(at.column);
    let col = grid.columns.findIndex((c) => names.some((n) => norm(c) === norm(n)));
    if (col < 0) col = grid.columns.findIndex((c) => names.some((n) => fold(c) === fold(n)));
    if (col < 0) return [];
    return rows.map((tr) => cellsIn(tr).find((c) => columnOf(c) <= col && col < columnOf(c) + spanOf(c))).filter(Boolean);
  }

  // ---- a label's text, where there is no control ------------------------------
  function shownTexts(at) {
    const found = [];
    for (const e of narrow(saying(), at)) {
      const cell = up(e, 'td,th,dt');
      const next = cell && norm(words(cell)) === norm(words(e)) ? cell.nextElementSibling : sibling(e);
      if (next && !holdsControl(next)) found.push(tidy(next.nodeType === 3 ? next.data : cellText(next)));
    }
    if (found.length) return found;
    for (const e of innermost(spoken(lows()).filter((e) => /[:：]/.test(words0(e))))) {
      for (const line of words0(e).split(/[\n,，;；。]/)) {
        const i = line.search(/[:：]/);
        if (i > 0 && twice([line.slice(0, i)], (t) => [t]).length) found.push(tidy(line.slice(i + 1)));
      }
    }
    return found.filter(Boolean);
  }
  function sibling(e) {
    for (let n = e; n && !EDGE.test(n.tagName); n = above(n)) {
      for (let s = n.nextSibling; s; s = s.nextSibling) if (norm(s.nodeType === 3 ? s.data : words(s))) return s;
    }
    return null;
  }
