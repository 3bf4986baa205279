// Package web is what people and other systems see of Jingban: the pages in
// Chinese and English, and the JSON API, both from one table of routes.
//
// # Vocabulary
//
//	route    one line of the table in routes.go: method, path, permission, use case
//	visit    one request that was let in: who asks, what they may do, their language
//	answer   what a use case gives back: a page, JSON, a file or a redirect
//	refusal  an answer that is no success; its code has sentences in locale/
//	view     the typed struct a template is rendered with; it embeds [Page]
//
// # Rules
//
// Only fail.go turns errors into HTTP. Personal data is masked by
// casework.Mask… before it reaches a view, unless the visit holds the
// permission "reveal", which is audited each time. No personal data is ever in
// an address: searching by number or name is a POST. Every change is a POST;
// cross-origin ones are refused by http.CrossOriginProtection. Pages load
// nothing from elsewhere and hold no inline script or style.
//
// Times are shown in China time. Sizes are bytes, boxes pixels of the upright
// page.
package web
