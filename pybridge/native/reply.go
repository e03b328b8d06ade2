package native

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// A reply is one byte and a payload. The byte is never left out: gopy cannot carry an empty slice.
const (
	replyOK    = 0
	replyError = 1
)

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
	body, bad := json.Marshal(host.Describe(err))
	if bad != nil {
		body = fmt.Appendf(nil, `{"class":"SparkException","condition":"INTERNAL_ERROR","message":%q,"text":%q}`, err.Error(), err.Error())
	}
	return append([]byte{replyError}, body...)
}
