// Package playbooks says what is to be done: the language of playbooks, its
// linter, and the runner that carries a playbook out step by step.
//
// # Vocabulary
//
//   - playbook: a YAML file; its version is the SHA-256 of its text.
//   - step: check (conditions), ask (a person decides), decide (a decision table),
//     compute (a calculation), reconcile (a fund account), persons.search (an export of
//     the insured), wait (time passes), paper (a document is made) or page (a
//     legacy system is driven), once or for each row of a table. "when" skips a
//     step, "end" ends the run after it.
//   - verb: what one line does to a page (see Verbs). All but commit may be
//     repeated freely; commit is the one that changes another system for good.
//   - effect: one such change: a keyed hash of (system, action, business key),
//     unique over all runs. Its states are intent, sent, outcome and void.
//   - doubt: sent without outcome. Only looking (verify) or a person ends it.
//   - expression: expr-lang, without clock. It sees case, docs, shared, verdict,
//     findings, correction_text (all that is to be corrected, in one text) and the results
//     of earlier steps; every value is text, except
//     docs.<type>.confidence (0..1), conditions (bool) and page.total (int). Page
//     steps have code("list", text) for the code lists of the system. What a
//     calculation gives may be a number, true or false, or rows; amounts are fen,
//     and yuan(amount) and fen(text) go between them and what pages show.
//
// # Steps
//
//	check: [{that: condition, else: code}]      gives passed, failed
//	ask: role                                   gives choice, and the note written with it
//	    show, choices, due
//	decide: [{when: condition, outcome: WORD, ground: CODE}, …, {outcome: WORD}]
//	                                            first row wins; gives outcome, ground
//	compute: unemployment.claim                 a casework.Calculation of the Schema;
//	    with: {input: expression}               gives its outputs, and lines; a table
//	                                            may be {each: rows, column: expression, …}
//	case.find: matter                           is there a case for each row of a table?
//	    each: rows, by: expression, again: …    gives rows: the columns, key, number, and stand:
//	                                            "new", "again", "busy" or "known"; and fresh,
//	                                            those of them to be opened now
//	case.open: matter                           opens the case of each row, once
//	    each: rows                              "row" is the row
//	    by: expression                          what makes it the same case
//	    again: expression                       what tells one submission of it from the next: a
//	                                            case that is over is opened once more, none twice
//	    with: {name: expression}                what the case states; other names are shared data
//	    files: rows                             its materials: key (as by gives it), name, sha256
//	                                            gives opened, again, known, rows (key, number, stand)
//	reconcile: account                          a fund account is compared; files are
//	    day: expression                         values of downloads, or rows of them
//	    files: {bank: expression, book: …}      gives result, state, questions, returned
//	persons.search: folder | download           an export of the insured is searched for
//	    export: expression                      persons with several numbers: the newest in
//	                                            the folder whose name is like that, or a
//	                                            download's sha256; gives search, way, records,
//	                                            added, gone, pairs, opened, closed
//	paper: name
//	    with: {fact: expression}                texts the paper states; note is the clerk's word
//	page: system                                gives what keep names
//	    do, and for a change effect, before, verify
//	    keep: {name: {label: …, or: expression}}, or {rows: name} for a table read
//	    each: rows                              once for each row; "row" is the row
//	    by: expression                          what tells one row from another
//	    most: 500                               more rows ask a person (1000)
//	    stuck: leave                            a row that only looks and would ask a person is left
//	                                            gives count, rows (key, and what was kept), left
//	                                            (key, code), and each table kept, with key, those of
//	                                            all rows below one another
//	by_hand: system                             a person enters it; gives the receipts
//	    effect, at: menu, values: {label: expression}
//	    receipt: {name: 'pattern'}              what the person must give
//	    role: clerk, due: 16h
//	wait: 15 working days | 3 days | 4h         days end with the day
//	wait: {until: expression}                   a date
//	    from: expression                        counts from this date, not from now
//	    event: material                         or until an upload; the case takes some meanwhile
//	    look: {page, do, keep}                  or until a page shows it:
//	    found: condition                        over what look keeps
//	    every: 4h                               how often it looks
//	    remind: [{after: 5 working days, paper: name, with: {fact: …}}]
//	                                            gives passed, and what look kept
//
// A row is journalled under a keyed hash of what tells it apart (Entry.Item), and
// its commit has the effect (system, action, key + row). So a resumed run goes on
// at its row, a row that another run or version has entered is not entered again,
// and a row in doubt asks about itself alone, with its own evidence. A wait ends
// the turn with the Transient fault "waiting" (waiting_material), which holds no worker, seat or
// person; its time counts from the journal's first line of the step.
//
// # Verbs
//
//	open: a / b              along the menu, by visible text; a list where an entry
//	                         holds a stroke; "/path" below the base URL instead
//	fill: {label: value}     or a list of {label, near, row, value, keys, optional}
//	click: {button: …}       with confirm, answer (of a prompt) or dismiss for the
//	                         one question the page may ask
//	hover, press             lay the mouse on something; press a key (in a field)
//	attach: {label: file}    upload
//	read: {name: {…}}        a label's value, a cell, or the rows of a table; with
//	                         pages: next the rows of all its pages, as many as the
//	                         page's own total says
//	download: {name: {…}}    click, take the one file: name, bytes, sha256, text; with
//	                         each: table, row_of: item.… the file of each row of a table
//	                         that was read: its columns, and name, bytes, sha256
//	wait: text               until the page says it; {gone: text, within: 40s}
//	close: window            the pop-up in front; pop-ups are followed by themselves
//	commit: {button|link: …} with row, near, confirm, answer, saved, within
//
// # Locators
//
// Exactly one of label, button, link, text, table or css; row (a text) or row_of
// (an expression), column and near narrow it down. A label is a label element,
// aria text, placeholder, title, the words in front, the cell to the left or above,
// the heading of the column, a legend. Texts are compared as written first and
// then without case, marks at the end and hints in brackets. Frames, also of other
// origins, and open shadow trees are searched; what is not shown does not count.
//
// Where no element says what a click wants, what only shows pixels (pictures, canvases,
// painted boxes) is photographed and read by the OCR children: a button, link, text or
// menu entry, also in the row of a drawn table, or the cell where row and column cross.
// Exactly one place that says it or stop. It is a fallback: a step with a commit is
// parked (found_by_sight) with a picture of the place, and a person frees exactly this
// form, once. What steps found by sight stands in the journal (outcome, sight).
//
// Headings of a table follow the system's aliases, too. A column that the table does
// not have is not an empty value: where verify, keep or by rests on it, a person is
// asked.
//
// A value is written the way its field wants it: a date as the page's picker has
// it, several entries of a list or of boxes with commas between, 是 or 否 for one
// box, the exact entry of a list that opens.
//
// # Pages that change
//
// What a page is told by (Marks: captions of fields with their kind, buttons, headings,
// frames; never a value) is kept from the first look. The canary walks the pages of
// Library.LookedAt, and every page that a run opens is held against its marks, too. One
// with other marks stops the steps that open it, verify's pages included, and nothing
// else of the system: their runs park with page_changed, the picture as approved and the
// picture as it is now, until two people approve the page.
//
// # The irreversible click
//
//	commit(step):
//	    effect = Journal.Effect(id)
//	    outcome?                     -> take its data, click nothing
//	    sent?                        -> look()                  # whoever died here
//	    none, void or intent:                                   # nothing has left
//	        shadow: look, compare with what a person entered; write nothing
//	        before: verify -> look; there with our values: taken without sent
//	        do the acts; a fallback match asks a person
//	        supervised: a person frees exactly the filled form, once for each click
//	        Journal.Claim(intent)                               # durable
//	        Page.Commit(order, guard)                           # guard: Journal.Advance(sent),
//	                                                            # holder-checked, then the request leaves
//	        look()                                              # always, whatever Commit said
//	look():
//	    open afresh, read, then
//	    incomplete, both or neither  -> a person
//	    happened, other values       -> a person
//	    happened                     -> Journal.Advance(outcome, what was kept)
//	    absent, and a person said so -> Journal.Advance(void), once more from the top
//	    absent, the system settles   -> wait; still absent after that time: void, once
//	    absent otherwise             -> a person
//
// What a crash leaves behind: before intent nothing; after intent a claim that
// may be used again; after sent a doubt; after outcome a finished step. The
// waiting time of "settles" counts from the first look after sent, because a
// look happens only once the request has passed or its holder's lease is over:
// that is later than either. It is counted between journal lines, which the
// store dates (PostgreSQL by the server's clock), so that the look of one machine
// and the judgement of another are moments of one clock.
//
// # The operator's hand
//
// An operator's line stands in the journal like any other. Rewound: the step and
// all after it are done anew; for every step, as with another version, only the
// effects count. Skipped: the step is passed over; a question to a person never
// is. Dry goes the same way on the live pages, ends before the commit, and has
// no journal at all.
//
// # Errors
//
// Faults by kind: Transient is returned and the caller sets the run's next
// time; NeedsHuman becomes a parked Result with a Review; Permanent becomes a
// failed Result. ErrNotHolder and a cancelled context are returned at once, and
// nothing more is written. After sent nothing is ever Permanent.
package playbooks
