// Package native is the whole of what gopy binds: flat functions over int64, string and []byte.
//
// It is not the service: each function hands its arguments to a host.Host and packs the answer.
// Only pyspark_compat/_native.py calls it. Invariants: no exported function takes or gives a
// func, a pointer or a struct; each recovers from panics and answers with a reply (reply.go); none
// waits longer than maxWait, so that Python can see Ctrl-C between two calls.
package native

import (
	"encoding/json"
	"fmt"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/handover"
	"pysparkcompat/pybridge/host"
)

const (
	version = "0.1.0"
	maxWait = 50 * time.Millisecond
)

// Version is the version of the engine, which is that of the Python package.
func Version() string { return version }

// Panic panics on purpose: it proves that a panic reaches Python as an exception.
func Panic(text string) []byte {
	return reply(func() ([]byte, error) { panic(text) })
}

// OpenSession starts a session: JSON in, {"session":id} out.
func OpenSession(conf []byte) []byte {
	return number("session", func() (int64, error) { return service().Open(conf) })
}

// CloseSession ends a session.
func CloseSession(session int64) []byte {
	return done(func() error { return service().Close(session) })
}

// Config answers a ConfigRequest with a ConfigResponse.
func Config(session int64, request []byte) []byte {
	return reply(func() ([]byte, error) { return service().Config(session, request) })
}

// Frame keeps a relation: {"handle":..,"schema":{..},"streaming":bool}.
func Frame(session int64, relation []byte) []byte {
	return reply(func() ([]byte, error) { return service().Frame(session, relation) })
}

// Drop forgets frames, given as a JSON list of handles.
func Drop(session int64, handles []byte) []byte {
	return done(func() error {
		var list []string
		if err := json.Unmarshal(handles, &list); err != nil {
			return errs.Internal("handles to drop are no JSON list: %v", err)
		}
		return service().Drop(session, list)
	})
}

// Analyze answers an AnalyzePlanRequest with an AnalyzePlanResponse.
func Analyze(session int64, request []byte) []byte {
	return reply(func() ([]byte, error) { return service().Analyze(session, request) })
}

// Run starts a Plan: {"task":id}.
func Run(session int64, plan []byte) []byte {
	return number("task", func() (int64, error) { return service().Run(session, plan) })
}

// Next waits for a task's next event: {"status":"again"|"batch"|"message"|"end","message":..}.
// A batch is written into the ArrowArray at arrayPtr, its schema at schemaPtr unless that is 0.
func Next(task int64, waitMs int64, arrayPtr int64, schemaPtr int64) []byte {
	return reply(func() ([]byte, error) {
		event, err := service().Next(task, slice(waitMs))
		if err != nil {
			return nil, err
		}
		return report(event, uintptr(arrayPtr), uintptr(schemaPtr))
	})
}

// Cancel stops a task.
func Cancel(task int64) []byte {
	return done(func() error { return service().Cancel(task) })
}

// NextCallback waits for what a lane's Python thread shall do.
func NextCallback(session int64, lane int64, waitMs int64) []byte {
	return reply(func() ([]byte, error) { return service().NextCallback(session, lane, slice(waitMs)) })
}

// Answer gives a callback's outcome.
func Answer(session int64, callback int64, answer []byte) []byte {
	return done(func() error { return service().Answer(session, callback, answer) })
}

// Query does one operation on a streaming query or the query manager: JSON in and out.
func Query(session int64, request []byte) []byte {
	return reply(func() ([]byte, error) { return service().Query(session, request) })
}

// Do does one operation on RDDs or DStreams, by its name: packs in and out (host.Pack).
func Do(session int64, op string, request []byte) []byte {
	return reply(func() ([]byte, error) { return service().Do(session, op, request) })
}

func report(event host.Event, array, schema uintptr) ([]byte, error) {
	switch event.Kind {
	case host.Again:
		return []byte(`{"status":"again"}`), nil
	case host.Batch:
		defer event.Batch.Release()
		if array == 0 {
			return nil, errs.Internal("a batch came and no place was given for it")
		}
		handover.Export(event.Batch, array, schema)
		return []byte(`{"status":"batch"}`), nil
	case host.Message:
		return fmt.Appendf(nil, `{"status":"message","message":%s}`, event.Message), nil
	case host.End:
		return []byte(`{"status":"end"}`), nil
	}
	return nil, errs.Internal("the host gave an event of unknown kind %d", event.Kind)
}

func slice(waitMs int64) time.Duration {
	return min(max(time.Duration(waitMs)*time.Millisecond, 0), maxWait)
}
