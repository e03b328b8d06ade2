package host

import (
	"errors"
	"io/fs"
	"os"

	"pysparkcompat/engine/errs"
)

// Failure is an error as Python reads it.
type Failure struct {
	Class      errs.Class        `json:"class"`
	Condition  string            `json:"condition"`
	SQLState   string            `json:"sqlState"`
	Parameters map[string]string `json:"messageParameters"`
	// Message is the condition's text with its parameters filled in.
	Message string `json:"message"`
	// Text is what str() of the exception shows.
	Text    string   `json:"text"`
	Detail  string   `json:"detail,omitempty"`
	Context *Excerpt `json:"context,omitempty"`
	Cause   *Failure `json:"cause,omitempty"`
}

// Excerpt is where in a text or a call the error lies.
type Excerpt struct {
	Fragment string `json:"fragment"`
	CallSite string `json:"callSite"`
	Start    int    `json:"startIndex"`
	Stop     int    `json:"stopIndex"`
}

// Describe gives any error that form. One that is not an engine error is what the file system refused, or else an
// INTERNAL_ERROR.
func Describe(err error) *Failure {
	e := errs.As(err)
	if e == nil && refused(err) {
		text := "The file system refused: " + err.Error()
		return &Failure{Class: errs.Unknown, Message: text, Text: text}
	}
	if e == nil {
		e = errs.Internal("%v", err)
	}
	f := &Failure{Class: e.Class, Condition: e.Name, SQLState: e.SQLState, Parameters: e.Params,
		Message: e.Message(), Text: e.Error(), Detail: e.Detail}
	if e.Condition() == "" {
		f.Condition, f.Parameters = "", nil
	}
	if c := e.Context; c != nil {
		f.Context = &Excerpt{c.Fragment, c.CallSite, c.Start, c.Stop}
	}
	if e.Cause != nil {
		f.Cause = Describe(e.Cause)
	}
	return f
}

// refused says whether the operating system gave the error: a folder that cannot be written is no slip of ours.
func refused(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	var call *os.SyscallError
	return errors.As(err, &path) || errors.As(err, &link) || errors.As(err, &call)
}
