// Package sheets reads a sheet that is a work list (清单): one row is one piece of
// work, and the same workbook goes back with what became of each row beside the
// cells that came.
//
// Vocabulary:
//
//	Book     the sheet as it came: its heading and its rows, cells as people see them
//	Input    one thing a playbook wants to know of each row, and what columns call it
//	Plan     the rows as cases, or with what is wrong in which cell
//	Result   what became of a row, written into four columns at the right
//
// XLSX files are opened and written as the file they are: formats, formulas,
// leading zeros and 18-digit texts stay. CSV goes back byte for byte, in its own
// encoding, delimiter, quoting and line ends, with four fields more in each line.
// XLS can be read and not written: it comes back as XLSX with texts, which Write
// says by its extension.
//
// A number cell with more than 15 digits is refused: spreadsheets keep no more,
// the digits behind have been lost before the file came.
//
// Errors: *Refusal for a file that is no work list. Nothing here names a person in
// an error; a Wrong names the cell, never its value.
package sheets
