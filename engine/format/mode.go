package format

// Mode is what becomes of a record that does not fit its schema.
type Mode uint8

const (
	Permissive Mode = iota
	DropMalformed
	FailFast
)

// DefaultCorrupt is the column that gets bad records' text unless columnNameOfCorruptRecord names another.
const DefaultCorrupt = "_corrupt_record"

// FitsNothing is a pattern of dates and times that no text holds.
const FitsNothing = "'\x00\x00'"
