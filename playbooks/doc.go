// Package playbooks says what is to be done: the language of playbooks, its
// linter, and the runner that carries a playbook out step by step.
//
// # Vocabulary
//
//   - playbook: a YAML file; its version is the SHA-256 of its text.
//   - step: check (conditions), ask (a person decides), paper (a document is
//     made) or page (a legacy system is driven). "when" skips a step, "end" ends
//     the run after it.
//   - verb: open, fill, click, attach, read may be repeated freely; commit is the
//     one that changes another system for good.
//   - effect: one such change: a keyed hash of (system, action, business key),
//     unique over all runs. Its states are intent, sent, outcome and void.
//   - doubt: sent without outcome. Only looking (verify) or a person ends it.
//   - expression: expr-lang, without clock. It sees case, docs, shared, verdict,
//     findings and the results of earlier steps; every value is text, except
//     docs.<type>.confidence (0..1), conditions (bool) and page.total (int). Page
//     steps have code("list", text) for the code lists of the system.
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
