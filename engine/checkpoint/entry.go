// Package checkpoint is what a query writes about its epochs and what it decides from that after a restart.
//
// It is not the state (state) nor the log form itself (metalog). The query calls it. Invariants: an epoch's offsets are
// durable before any of its rows reach the user; its commit entry is durable before the next epoch's offsets are
// written; recovery is a pure function of what the logs hold. The forms on disk are Spark's own.
package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"pysparkcompat/engine/errs"
)

// Offsets is an entry of the offset log: what an epoch is to read, and the values it runs with.
type Offsets struct {
	Watermark int64 // milliseconds
	Timestamp int64 // milliseconds
	Conf      map[string]string
	// Ends has one offset a source, nil where a source has given none yet.
	Ends []json.RawMessage
}

type offsetsHead struct {
	Watermark int64             `json:"batchWatermarkMs"`
	Timestamp int64             `json:"batchTimestampMs"`
	Conf      map[string]string `json:"conf"`
}

const noOffset = "-"

// Encode gives the entry's lines after the version.
func (o *Offsets) Encode() ([]byte, error) {
	head, err := json.Marshal(offsetsHead{o.Watermark, o.Timestamp, o.Conf})
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(head)
	for _, end := range o.Ends {
		out.WriteByte('\n')
		if end == nil {
			out.WriteString(noOffset)
		} else {
			out.Write(end)
		}
	}
	return out.Bytes(), nil
}

// DecodeOffsets reads an entry's lines after the version.
func DecodeOffsets(body []byte) (*Offsets, error) {
	lines := strings.Split(strings.TrimRight(string(body), "\n"), "\n")
	var head offsetsHead
	if err := decode([]byte(lines[0]), &head); err != nil {
		return nil, errs.New("MALFORMED_LOG_FILE", "text", lines[0]).WithCause(err)
	}
	out := &Offsets{Watermark: head.Watermark, Timestamp: head.Timestamp, Conf: head.Conf}
	for _, line := range lines[1:] {
		switch {
		case line == noOffset:
			out.Ends = append(out.Ends, nil)
		case json.Valid([]byte(line)) && line != null:
			out.Ends = append(out.Ends, json.RawMessage(line))
		default:
			return nil, errs.New("MALFORMED_LOG_FILE", "text", line)
		}
	}
	return out, nil
}

// null is JSON that nobody writes for an offset or a head: what was there is lost, and is not the same as its defaults.
const null = "null"

func decode(line []byte, into any) error {
	if string(bytes.TrimSpace(line)) == null {
		return errors.New("null stands for an object")
	}
	return json.Unmarshal(line, into)
}

// Commit is an entry of the commit log.
type Commit struct {
	// NextWatermark is the watermark after the epoch, in milliseconds.
	NextWatermark int64 `json:"nextBatchWatermarkMs"`
}

// Encode gives the entry's line after the version.
func (c *Commit) Encode() ([]byte, error) { return json.Marshal(c) }

// DecodeCommit reads an entry's line after the version; Spark's older form is empty.
func DecodeCommit(body []byte) (*Commit, error) {
	body = bytes.TrimSpace(body)
	out := &Commit{}
	if len(body) == 0 || string(body) == "{}" {
		return out, nil
	}
	if err := decode(body, out); err != nil {
		return nil, errs.New("MALFORMED_LOG_FILE", "text", string(body)).WithCause(err)
	}
	return out, nil
}
