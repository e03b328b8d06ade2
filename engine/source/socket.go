package source

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

var socketOptions = []Option{
	{Name: "host", Doc: "where to connect to; must be given"},
	{Name: "port", Doc: "must be given"},
	{Name: "includeTimestamp", Default: "false", Doc: "a second column with the time a line came"},
	{Name: "numPartitions", Default: "the cores", Doc: "parts of an epoch"},
}

// socketSource is the lines that a server sends. What was read cannot be read again.
type socketSource struct {
	env        *Env
	host       string
	port       int
	timestamps bool
	partitions int64
	schema     types.Struct
}

func openSocket(_ context.Context, e *Env) (Definition, error) { return newSocket(e) }

// socketTable checks the options as the stream does, and then refuses: a socket has no end.
func socketTable(_ context.Context, e *Env) (Table, error) {
	if _, err := newSocket(e); err != nil {
		return nil, err
	}
	return nil, errs.New("_LEGACY_ERROR_TEMP_1135", "className", "socket")
}

func newSocket(e *Env) (*socketSource, error) {
	if e.Schema != nil {
		return nil, errs.New("_LEGACY_ERROR_TEMP_2242", "provider", "TextSocketSourceProvider")
	}
	s := &socketSource{env: e}
	var ok bool
	if s.host, ok = e.option("host"); !ok {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1295")
	}
	if _, ok := e.option("port"); !ok {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1296")
	}
	if v, ok := e.option("includeTimestamp"); ok && !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false") {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1297")
	} else {
		s.timestamps = strings.EqualFold(v, "true")
	}
	port, err := e.whole("port", 0)
	if err != nil {
		return nil, err
	}
	s.port = int(port)
	if s.partitions, err = e.positive("numPartitions", int64(max(e.Parallelism, 1))); err != nil {
		return nil, err
	}
	s.schema.Fields = []types.Field{{Name: "value", Type: types.String, Nullable: true}}
	if s.timestamps {
		s.schema.Fields = append(s.schema.Fields, types.Field{Name: "timestamp", Type: types.Timestamp, Nullable: true})
	}
	return s, nil
}

func (s *socketSource) Schema() types.Struct { return s.schema }
func (s *socketSource) Describe() string {
	return fmt.Sprintf("TextSocketV2[host: %s, port: %d]", s.host, s.port)
}

func (s *socketSource) Start(ctx context.Context, _ string) (Stream, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return nil, errs.New(errs.Unnamed+"SOCKET", "host", s.host, "port", strconv.Itoa(s.port), "reason", reason(err)).WithCause(err)
	}
	out := &socketStream{socketSource: s, conn: conn, ready: make(chan struct{}, 1), lines: lines{ends: []int{0}}}
	out.reading.Add(1)
	go out.receive(conn)
	return out, nil
}

func reason(err error) string {
	if strings.Contains(err.Error(), "connection refused") {
		return "Connection refused"
	}
	return err.Error()
}

// lines is text that came: line i lies in [ends[i], ends[i+1]) of text.
type lines struct {
	text  []byte
	ends  []int
	times []int64
}

func (l *lines) len() int64 { return int64(len(l.times)) }

// drop forgets the first n lines. Splits in flight keep the old memory.
func (l *lines) drop(n int64) {
	kept := lines{text: append([]byte(nil), l.text[l.ends[n]:]...), ends: make([]int, 0, len(l.ends)-int(n)), times: append([]int64(nil), l.times[n:]...)}
	for _, e := range l.ends[n:] {
		kept.ends = append(kept.ends, e-l.ends[n])
	}
	*l = kept
}

// socketStream is the running source. mu guards what receive shares with the query.
type socketStream struct {
	*socketSource
	conn    net.Conn
	ready   chan struct{}
	reading sync.WaitGroup

	mu       sync.Mutex
	lines    lines
	base     int64 // offset of lines' first
	anchored bool  // base fits the query's offsets
	frozen   Offset
	latest   Offset
}

// receive cuts what comes into lines. \n, \r and \r\n end one; what is left when the server closes is one more.
func (s *socketStream) receive(from io.Reader) {
	defer s.reading.Done()
	buf := make([]byte, 64<<10)
	var partial []byte
	afterCR := false
	for {
		n, err := from.Read(buf)
		data := buf[:n]
		now := s.env.Clock.Now().UnixMicro() / 1000 * 1000
		s.mu.Lock()
		before := s.lines.len()
		for len(data) > 0 {
			if afterCR && data[0] == '\n' {
				data = data[1:]
			}
			afterCR = false
			i := indexEnd(data)
			if i < 0 {
				partial = append(partial, data...)
				break
			}
			s.add(partial, data[:i], now)
			partial, afterCR = partial[:0], data[i] == '\r'
			data = data[i+1:]
		}
		if err != nil && len(partial) > 0 {
			s.add(partial, nil, now)
		}
		more := s.lines.len() > before
		s.mu.Unlock()
		if more {
			select {
			case s.ready <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return // as PySpark: the query goes on without rows
		}
	}
}

func indexEnd(b []byte) int {
	for i, c := range b {
		if c == '\n' || c == '\r' {
			return i
		}
	}
	return -1
}

func (s *socketStream) add(head, tail []byte, now int64) {
	l := &s.lines
	start := len(l.text)
	l.text = append(append(l.text, head...), tail...)
	if line := l.text[start:]; !utf8.Valid(line) {
		l.text = append(l.text[:start], format.Valid(line)...)
	}
	l.ends = append(l.ends, len(l.text))
	l.times = append(l.times, now)
}

func (s *socketStream) Prepare(context.Context) error { return nil }

// anchor makes offsets go on where the query's last run stopped: what it had read is gone, new lines come behind.
func (s *socketStream) anchor(at int64) {
	if !s.anchored {
		s.anchored, s.base = true, at+1
	}
}

func (s *socketStream) Latest(_ context.Context, start Offset, limit Limit) (Offset, error) {
	from, err := lineOffset(start)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anchor(from)
	if limit.AllAvailable && s.frozen != nil {
		return s.frozen, nil
	}
	s.latest = strconv.AppendInt(nil, s.base+s.lines.len()-1, 10)
	s.frozen = s.latest
	return s.latest, nil
}

func lineOffset(o Offset) (int64, error) {
	if o == nil || string(o) == "null" {
		return -1, nil
	}
	var n int64
	if err := json.Unmarshal(o, &n); err != nil {
		return 0, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "The offset "+string(o)+" is none of a socket source.")
	}
	return n, nil
}

func (s *socketStream) Splits(_ context.Context, start, end Offset) ([]Split, error) {
	from, err := lineOffset(start)
	if err != nil {
		return nil, err
	}
	to, err := lineOffset(end)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anchor(to)
	first, after := max(from+1-s.base, 0), min(to+1-s.base, s.lines.len())
	if first >= after {
		return nil, nil
	}
	parts := s.partitions
	if after-first < batch.Rows {
		parts = 1
	}
	var out []Split
	for p := range parts {
		a, b := first+(after-first)*p/parts, first+(after-first)*(p+1)/parts
		if a < b {
			out = append(out, &lineSplit{source: s.socketSource, lines: s.lines, at: a, end: b})
		}
	}
	return out, nil
}

// Commit forgets lines that no epoch reads again.
func (s *socketStream) Commit(_ context.Context, end Offset) error {
	to, err := lineOffset(end)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := min(to+1-s.base, s.lines.len()); n > 0 {
		s.lines.drop(n)
		s.base += n
	}
	return nil
}

func (s *socketStream) Ready() <-chan struct{} { return s.ready }
func (s *socketStream) Replayable() bool       { return false }
func (s *socketStream) LatestForProgress() Offset {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest
}

func (s *socketStream) Close() error {
	err := s.conn.Close()
	s.reading.Wait()
	return err
}

// lineSplit is some lines; the text behind them never changes.
type lineSplit struct {
	source  *socketSource
	lines   lines
	at, end int64
}

func (l *lineSplit) Open(_ context.Context, p Pushdown) (Reader, error) {
	columns := p.Columns
	if columns == nil {
		columns = []int{0, 1}[:len(l.source.schema.Fields)]
	}
	s := types.Struct{}
	for _, c := range columns {
		s.Fields = append(s.Fields, l.source.schema.Fields[c])
	}
	return &lineReader{split: l, columns: columns, schema: types.ArrowSchema(s), at: l.at}, nil
}

type lineReader struct {
	split   *lineSplit
	columns []int
	schema  *arrow.Schema
	at      int64
}

func (r *lineReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	from, to := r.at, min(r.at+batch.Rows, r.split.end)
	if from >= to {
		return nil, io.EOF
	}
	r.at = to
	l, mem := &r.split.lines, r.split.source.env.Mem
	out := make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		if c == 1 {
			f := batch.NewFixed[int64](mem, int(to-from))
			copy(f.Values, l.times[from:to])
			out[i] = f.Done(r.schema.Field(i).Type, nil)
			continue
		}
		s := batch.NewStrings(mem, int(to-from), l.ends[to]-l.ends[from])
		for k := from; k < to; k++ {
			s.Append(l.text[l.ends[k]:l.ends[k+1]])
		}
		out[i] = s.Done(arrow.BinaryTypes.String, nil)
	}
	return batch.Make(r.schema, out, int(to-from)), nil
}

func (r *lineReader) Close() error { return nil }
