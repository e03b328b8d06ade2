package connect

import (
	"encoding/json"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// operation answers one operation of Do: what it reads of the JSON and the attachments, which are its to keep, and what
// it gives back. None waits longer than doWait.
type operation func(s *session, body json.RawMessage, parts [][]byte) (reply any, attachments [][]byte, err error)

// operations are all that Do can do.
var operations = map[string]operation{
	"rdd.define":         (*session).rddDefine,
	"rdd.run":            (*session).rddRun,
	"rdd.next":           (*session).rddNext,
	"rdd.end":            (*session).rddEnd,
	"rdd.status":         (*session).rddStatus,
	"rdd.cancel":         (*session).rddCancel,
	"rdd.frame":          (*session).rddFrame,
	"session.properties": (*session).sessionProperties,
	"frame.parts":        (*session).frameParts,
	"rdd.stored":         (*session).rddStored,
	"accumulators.drain": (*session).rddDrain,

	"dstream.open":       (*session).streamOpen,
	"dstream.recover":    (*session).streamRecover,
	"dstream.node":       onStreams((*streaming).node),
	"dstream.output":     onStreams((*streaming).output),
	"dstream.persist":    onStreams((*streaming).persist),
	"dstream.interval":   onStreams((*streaming).interval),
	"dstream.remember":   onStreams((*streaming).remember),
	"dstream.checkpoint": onStreams((*streaming).checkpoint),
	"dstream.listen":     onStreams((*streaming).listen),
	"dstream.start":      onStreams((*streaming).start),
	"dstream.state":      onStreams((*streaming).state),
	"dstream.info":       onStreams((*streaming).info),
	"dstream.await":      onStreams((*streaming).await),
	"dstream.stop":       onStreams((*streaming).stop),
	"dstream.slice":      onStreams((*streaming).slice),
	"dstream.sliced":     onStreams((*streaming).sliced),
	"dstream.release":    onStreams((*streaming).release),
	"dstream.blocks":     onStreams((*streaming).blocks),

	"clock.attach": (*session).clockAttach,
}

// common are the operations that need no session.
var common = map[string]func(h *Host, body json.RawMessage) (any, error){
	"dstream.peek":   (*Host).streamPeek,
	"dstream.active": (*Host).streamActive,
	"clock.make":     (*Host).clockMake,
	"clock.now":      onClock((*Host).clockNow),
	"clock.advance":  onClock((*Host).clockAdvance),
	"clock.settle":   onClock((*Host).clockSettle),
	"clock.drop":     onClock((*Host).clockDrop),
}

// Do does one operation on RDDs or DStreams.
func (h *Host) Do(id int64, op string, request []byte) ([]byte, error) {
	if f := common[op]; f != nil {
		body, _, err := host.Unpack(request)
		if err != nil {
			return nil, err
		}
		reply, err := f(h, body)
		if err != nil {
			return nil, err
		}
		return host.Pack(reply, nil)
	}
	s, err := h.session(id)
	if err != nil {
		return nil, err
	}
	do := operations[op]
	if do == nil {
		return nil, errs.Internal("there is no operation %q", op)
	}
	body, parts, err := host.Unpack(request)
	if err != nil {
		return nil, err
	}
	reply, attachments, err := do(s, body, parts)
	if err != nil {
		return nil, err
	}
	return host.Pack(reply, attachments)
}

// read decodes the JSON of an operation.
func read(body json.RawMessage, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return errs.Internal("an operation's request cannot be read: %v", err)
	}
	return nil
}
