// Package invariants says whether promises are checked at run time.
//
// It is not error handling: a broken promise is a mistake of ours and panics. Built with the tag `invariants` (make
// test does), Enabled is true; else every check compiles to nothing. Invariant: no check changes what the engine does.
package invariants

import "fmt"

// Check panics with the text where the condition is false. Callers stand behind `if invariants.Enabled`, so that
// arguments cost nothing otherwise.
func Check(ok bool, format string, args ...any) {
	if Enabled && !ok {
		panic("invariant broken: " + fmt.Sprintf(format, args...))
	}
}
