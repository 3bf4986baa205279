// Package pagetest holds what tries out playbooks.Page and the protocol of the
// irreversible click: a journal in memory (Book), a scripted legacy system with
// fault switches (Legacy), and a contract that runs over any World, so that the
// scripted page and a real browser prove the same things.
//
// Everyone in it is fictional.
package pagetest
