package casework

import _ "embed"

//go:embed testdata/worked-examples.json
var workedExamples []byte

// WorkedExamples is the file of worked examples that comes with the program: what
// changed parameters are held against where an agency has no file of its own.
func WorkedExamples() []byte { return workedExamples }
