// Package store answers "where is it kept?": SQLite or PostgreSQL behind one
// SQL text, sealed files in a folder, and nothing else.
//
// # Vocabulary
//
//	hint       outbox row: "please do this task"; written in the transaction of the change
//	lease      a worker process's right to hold runs, renewed by Beat, over after 8 s
//	fence      number of a run that grows with every claim; an old one writes nothing
//	admitted   a waiting run whose persons are locked and that has been hinted
//	doubt      an effect that was sent and has no outcome
//	round      how often a case was submitted; one run per case and round
//	tick       one moment of a schedule, started or skipped; there once, for ever
//	standing   a clock that is paused: the case waits for the citizen or another office
//	sealed     AES-256-GCM, "v1.aesgcm.<key id>.<base64>", bound to table, column and row
//	hash       keyed, "hmac-sha256:<hex>", one key per purpose, for equality only
//
// # Shapes
//
// Times are BIGINT microseconds since 1970 UTC, 0 for "not known". Days are
// TEXT YYYY-MM-DD, an unknown due date is 9999-12-31 so that it sorts last.
// Identifiers are UUIDv7. Every value that may name a person is sealed, and
// free text of people is taken for such a value.
//
// Transactions lock in the order run, review, case, everything else, so that
// two of them on PostgreSQL never wait for each other.
//
// # Errors
//
// [ErrNotFound], [ErrConflict], [ErrDuplicate], [ErrHeld], [ErrInvalid],
// [ErrNewer], [ErrTampered] and casework.ErrNotHolder, wrapped with the noun.
// A refusal of the machine (read-only folder, full disk, locked database,
// server away) is wrapped in a sentence that says what to do.
package store
