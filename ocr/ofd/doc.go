// Package ofd reads what an OFD document says and shows: the Chinese fixed
// layout format of electronic invoices and certificates (GB/T 33190-2016), a
// zip of XML files. It draws nothing and verifies no signature.
//
// # Vocabulary
//
//	Text       文字对象  words with their place: the document's own, no recognition
//	Image      图像对象  an embedded picture, its bytes untouched
//	Signature  签章      where a digital seal stands; whether it holds is not looked at
//	template   模板页    what a page shows beneath its own objects: a form's labels
//
// # Units
//
// Millimetres from the page's top left corner, as in the standard.
//
// # Promises
//
// The input is hostile. Entries, sizes, depth, text and pages are bounded; a
// name that leaves the archive, a document type declaration and an entity are
// refused. Every error of Open and Page says what is wrong with the document;
// ErrBomb marks one that unpacks out of proportion.
package ofd
