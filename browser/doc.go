// Package browser drives one Chromium per worker and implements playbooks.Page
// on it. It is the only importer of chromedp.
//
// # Vocabulary
//
//	gate     a loopback proxy inside this process; a seat's only way out. It
//	         lets a changing request pass exactly once and dies with the worker.
//	window   the time between the irreversible click and its answer, during
//	         which the gate holds the first changing request for the guard.
//	seat     one signed-in session of a legacy system: an isolated browser
//	         context with a gate of its own. It outlives runs.
//	pane     one tab of a seat: its first, or a pop-up; verbs work on the one in front.
//	root     a frame that scripts of the frame around it can't enter; a pane is asked
//	         root by root.
//	tab      a seat handed to one run; it implements playbooks.Page.
//	sight    finding what is written in pixels, on what only shows pixels.
//	settled  no frame loads, and the gate has seen no traffic for a moment.
//	world    the isolated script world in which locate/*.js run: it sees the
//	         page's elements, but nothing the page's own scripts have bent.
//
// # What a changing request is
//
// Every method but GET, HEAD, OPTIONS and TRACE. Inside a window a page load by
// GET counts, too, until something was sent: some old systems save by a link.
//
// # Texts
//
// Labels, buttons and dialogs are compared after NFKC without spaces, colons
// and asterisks; a keyboard hint at the end ("保存[S]") is dropped from buttons.
//
// # Errors
//
// All are *casework.Fault with the codes named at playbooks.Page, except after
// a changing request has left during Commit: then a plain error means doubt.
// No error text holds a value, a dialog's text or an address with its query.
package browser
