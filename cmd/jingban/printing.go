package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/papers"
)

// textWithin is how long the text of a print of ours may take to be read back.
const textWithin = 20 * time.Second

// whole refuses a print that lacks a character of its page: a rare name leaves no
// empty box in a paper of the agency. The fault counts the characters and never
// names them.
func whole(ctx context.Context, page, pdf []byte) error {
	ctx, cancel := context.WithTimeout(ctx, textWithin)
	defer cancel()
	read := exec.CommandContext(ctx, "pdftotext", "-q", "-enc", "UTF-8", "-", "-")
	read.Stdin = bytes.NewReader(pdf)
	text, err := read.Output()
	if err != nil {
		return fmt.Errorf("read the print back (poppler-utils): %w", err)
	}
	if lost := papers.Lost(page, string(text)); len(lost) > 0 {
		return casework.AskPerson("glyph_missing", "%d characters of the paper have no glyph in any typeface of this machine", len(lost))
	}
	return nil
}
