// Command jingban-ocr is the OCR child: the one program that decodes untrusted
// pictures and links C libraries. It is started by jingban, reads requests from
// standard input, pictures from descriptor 3, and ends with its input.
package main

import (
	"fmt"
	"os"

	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/native"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: jingban-ocr MODELS (started by jingban; see 'jingban doctor')")
		os.Exit(2)
	}
	replies := os.Stdout
	os.Stdout = os.Stderr // whatever a decoder prints must not get between the replies
	if err := ocr.Serve(os.Stdin, replies, ocr.PageFile(), native.Open(os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, "jingban-ocr:", err)
		os.Exit(1)
	}
}
