package native

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"pysparkcompat/engine/errs"
)

// A reply is one byte and a payload. The byte is never left out: gopy cannot carry an empty slice.
const (
	replyOK    = 0
	replyError = 1
)

// failure is an error as Python reads it.
type failure struct {
	Class      errs.Class        `json:"class"`
	Condition  string            `json:"condition"`
	SQLState   string            `json:"sqlState"`
	Parameters map[string]string `json:"messageParameters"`
	// Message is the condition's text with its parameters filled in.
	Message string `json:"message"`
	// Text is what str() of the exception shows.
	Text    string   `json:"text"`
	Detail  string   `json:"detail,omitempty"`
	Context *excerpt `json:"context,omitempty"`
	Cause   *failure `json:"cause,omitempty"`
}

type excerpt struct {
	Fragment string `json:"fragment"`
	CallSite string `json:"callSite"`
	Start    int    `json:"startIndex"`
	Stop     int    `json:"stopIndex"`
}

// reply runs one call of the host. Whatever happens in there, a panic too, comes back as data:
// a panic that left an exported function would end the user's process.
func reply(call func() ([]byte, error)) (out []byte) {
	defer func() {
		if p := recover(); p != nil {
			out = failed(errs.Internal("panic in the engine: %v\n%s", p, debug.Stack()))
		}
	}()
	payload, err := call()
	if err != nil {
		return failed(err)
	}
	out = make([]byte, 1, 1+len(payload))
	out[0] = replyOK
	return append(out, payload...)
}

// done is reply for calls that answer nothing.
func done(call func() error) []byte {
	return reply(func() ([]byte, error) { return nil, call() })
}

// number is reply for calls that answer an id.
func number(name string, call func() (int64, error)) []byte {
	return reply(func() ([]byte, error) {
		id, err := call()
		if err != nil {
			return nil, err
		}
		return fmt.Appendf(nil, `{"%s":%d}`, name, id), nil
	})
}

func failed(err error) []byte {
	body, bad := json.Marshal(describe(err))
	if bad != nil {
		body = fmt.Appendf(nil, `{"class":"SparkException","condition":"INTERNAL_ERROR","message":%q,"text":%q}`, err.Error(), err.Error())
	}
	return append([]byte{replyError}, body...)
}

func describe(err error) *failure {
	e := errs.As(err)
	if e == nil {
		e = errs.Internal("%v", err)
	}
	f := &failure{
		Class: e.Class, Condition: e.Name, SQLState: e.SQLState, Parameters: e.Params,
		Message: e.Message(), Text: e.Error(), Detail: e.Detail,
	}
	if c := e.Context; c != nil {
		f.Context = &excerpt{c.Fragment, c.CallSite, c.Start, c.Stop}
	}
	if e.Cause != nil {
		f.Cause = describe(e.Cause)
	}
	return f
}
