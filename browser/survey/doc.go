// Package survey looks at a foreign web system from outside and says whether it
// can be driven and what that needs, before anybody writes a playbook for it.
//
// A walk sends GET requests to one host and nothing else: a guard below the HTTP
// client refuses any other method and any other host, whatever a page says. It
// follows no link that reads like a change (delete, save, 提交, 退出…), fills in
// no form and signs in nowhere, so it sees what a stranger sees. Scripts are read,
// not run.
//
// Vocabulary:
//
//	Page     what one address gave: markup, or a script of the same host
//	Sign     something in a page that tells how it wants to be driven
//	Finding  a sign with the pages it was found on
//	Verdict  what all findings come to: ready, with help, in part, by hand, unseen
//
// Every walk ends: pages, bytes, links of one shape and time are bounded, and a
// page that never ends is cut.
//
// Reports name paths without their queries, and of what pages say only the
// matched word: an address or a page may hold personal data.
//
// Errors: an address that is no http or https address, and a host that cannot be
// reached at all.
package survey
