package errs

import "runtime/debug"

// Caught is deferred where a goroutine begins: a panic, which would end the user's process, becomes the error at err.
func Caught(err *error) {
	if p := recover(); p != nil {
		e := Internal("panic in the engine: %v", p)
		e.Detail = string(debug.Stack())
		*err = e
	}
}
