package logical

// TypedLiteral is the internal call that the SQL parser makes of DATE '…' and its kin: one argument, a Cast of the
// string, which the analyzer evaluates since it knows the session's zone.
const TypedLiteral = "$typed_literal"

// Catalog is what the analyzer asks for what lies outside the plan. The session implements it. Safe for concurrent use.
type Catalog interface {
	// Open resolves a source: it gives the scan with Source and Full set, or PATH_NOT_FOUND, DATA_SOURCE_NOT_FOUND, and
	// their kin. The scan given is not changed. Output is the analyzer's to set.
	Open(s *Scan) (*Scan, error)
	// Table finds a temp view or table by the parts of its name; nil where there is none. A view's plan is resolved.
	Table(parts []string, options map[string]string, stream bool) (Plan, error)
}

// Settings is what of the session's configuration analysis depends on.
type Settings struct {
	ANSI          bool
	CaseSensitive bool
	// Zone is the session time zone's name.
	Zone string
}
