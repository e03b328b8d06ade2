package csv

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Encoder turns rows into CSV text. One goroutine uses it.
type Encoder struct {
	o                    *Options
	clock                *zone.Clock
	timestamp, ntz, date *types.Pattern
	end                  string
	// wideEnd says that records end with two characters, as which line ends within values are written too.
	wideEnd      bool
	sep          []byte
	text, record []byte
}

// NewEncoder reads the writer's options.
func NewEncoder(given map[string]string, env Env) (*Encoder, error) {
	o, err := readOptions(given, env)
	if err != nil {
		return nil, err
	}
	if !o.emptyGiven {
		o.empty = `""`
	}
	o.emptyText = []byte(o.empty)
	e := &Encoder{o: o, clock: zone.NewClock(o.Zone), end: o.LineSep, wideEnd: units(o.LineSep) == 2, sep: []byte(o.sep)}
	if e.end == "" {
		e.end = "\n"
	}
	for _, p := range []struct {
		name, otherwise string
		to              **types.Pattern
	}{{"timestampformat", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", &e.timestamp}, {"timestampntzformat", "yyyy-MM-dd'T'HH:mm:ss[.SSS]", &e.ntz}, {"dateformat", "", &e.date}} {
		text, ok := o.formats[p.name]
		if !ok {
			text = p.otherwise
		}
		if text != "" {
			if *p.to, err = types.CompilePattern(text, false); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

// Extension is the ending of files: letters.
func (e *Encoder) Extension() (string, error) {
	for _, c := range e.o.extension {
		if !unicode.IsLetter(c) {
			return "", errs.Internal("the option extension takes letters, not %s", e.o.extension)
		}
	}
	return e.o.extension, nil
}

// Head adds what a file of this schema begins with: its names, if they are wanted.
func (e *Encoder) Head(dst []byte, schema types.Struct) []byte {
	dst = append(dst, e.o.Charset.Mark()...)
	if !e.o.Header {
		return dst
	}
	e.record = e.record[:0]
	for i, f := range schema.Fields {
		e.record = e.field(e.record, i, []byte(f.Name), true)
	}
	return e.line(dst)
}

// Lines adds the rows of a batch.
func (e *Encoder) Lines(dst []byte, b arrow.RecordBatch, schema types.Struct) []byte {
	write := e.Rows(b.Columns(), schema)
	for i := range int(b.NumRows()) {
		e.record = write(e.record[:0], i)
		dst = e.line(dst)
	}
	return dst
}

func (e *Encoder) line(dst []byte) []byte {
	if len(e.record) == 0 { // a record of which nothing is to be seen is left out
		return dst
	}
	e.record = append(e.record, e.end...)
	return e.o.Charset.Encode(dst, e.record)
}

// Rows writes row i of these columns, without a line end.
func (e *Encoder) Rows(columns []arrow.Array, schema types.Struct) func(dst []byte, i int) []byte {
	prints := make([]expr.Printer, len(columns))
	valid := make([]batch.Bitmap, len(columns))
	for k, c := range columns {
		prints[k], valid[k] = e.printer(c, schema.Fields[k].Type), batch.Valid(c)
	}
	return func(dst []byte, i int) []byte {
		for k := range columns {
			if !valid[k].Get(i) {
				dst = e.field(dst, k, nil, false)
				continue
			}
			e.text = prints[k](e.text[:0], i)
			dst = e.field(dst, k, e.text, true)
		}
		return dst
	}
}

func (e *Encoder) printer(a arrow.Array, t types.Type) expr.Printer {
	switch t.Kind() {
	case types.KString:
		o, d := batch.Text(a)
		return func(dst []byte, i int) []byte { return append(dst, d[o[i]:o[i+1]]...) }
	case types.KDate:
		if p := e.date; p != nil {
			v := batch.Values[int32](a)
			return func(dst []byte, i int) []byte { return p.AppendLocal(dst, int64(v[i])*types.MicrosPerDay) }
		}
	case types.KTimestamp:
		v := batch.Values[int64](a)
		return func(dst []byte, i int) []byte { return e.timestamp.Append(dst, v[i], e.clock) }
	case types.KTimestampNTZ:
		v := batch.Values[int64](a)
		return func(dst []byte, i int) []byte { return e.ntz.AppendLocal(dst, v[i]) }
	}
	return expr.NewPrinter(a, t, e.clock, expr.Style{HexBytes: true})
}

// field adds the k-th value of a record with its separator and its quotes.
func (e *Encoder) field(dst []byte, k int, text []byte, valid bool) []byte {
	if k > 0 {
		dst = append(dst, e.o.sep...)
	}
	body := text
	if e.o.writeTrimStart {
		for len(body) > 0 && body[0] <= ' ' {
			body = body[1:]
		}
	}
	switch {
	case !valid:
		return e.instead(dst, k, e.o.null)
	case len(body) == 0:
		return e.instead(dst, k, e.o.empty)
	}
	if e.o.writeTrimEnd && !e.o.writeTrimStart && len(trimEnd(body)) == 0 {
		// Space that only the end is trimmed of: PySpark writes it and the empty value, without quotes around it, and
		// then takes off as many characters as there was space.
		dst = append(dst, body...)
		if e.marked(e.o.emptyText, 1) {
			dst = e.escaped(dst, e.o.emptyText)
		} else {
			dst = append(dst, e.o.empty...)
		}
		return dst[:len(dst)-len(body)]
	}
	if e.o.quoteAll || e.marked(text, k) || e.marked(body, 1) || e.special(body) {
		return e.quoted(dst, e.trimmed(body))
	}
	return append(dst, e.trimmed(body)...)
}

// instead adds what stands for a null or an empty value. One with quotes of its own gets no others.
func (e *Encoder) instead(dst []byte, k int, value string) []byte {
	text := []byte(value)
	if e.o.writeTrimStart {
		for len(text) > 0 && text[0] <= ' ' {
			text = text[1:]
		}
	}
	first := e.marked([]byte(value), k) || e.marked(text, 1)
	if n := len(value); (e.o.quoteAll || first) && n >= 2 && e.marked([]byte(value[:1]), 1) && e.marked([]byte(value[n-1:]), 1) {
		return append(dst, value...)
	}
	if e.o.quoteAll || first || e.special(text) {
		return e.quoted(dst, e.trimmed(text))
	}
	return append(dst, e.trimmed(text)...)
}

func (e *Encoder) trimmed(b []byte) []byte {
	if e.o.writeTrimEnd {
		return trimEnd(b)
	}
	return b
}

// marked says that a text begins with a quote, or a record with what begins a comment.
func (e *Encoder) marked(text []byte, k int) bool {
	r, n := utf8.DecodeRune(text)
	comment := e.o.comment
	if comment == 0 {
		comment = '#'
	}
	return n > 0 && (k == 0 && r == comment || k != 0 && r == e.o.quote)
}

// special says that a text holds what would end its value.
func (e *Encoder) special(text []byte) bool {
	for i, r := range view(text) {
		if r == '\n' || r == '\r' || r == e.o.quote && e.o.escapeQuotes || e.o.LineSep != "" && strings.ContainsRune(e.o.LineSep, r) ||
			bytes.HasPrefix(text[i:], e.sep) && len(e.sep) > 0 {
			return true
		}
	}
	return false
}

func (e *Encoder) quoted(dst, text []byte) []byte {
	dst = utf8.AppendRune(dst, e.o.quote)
	return utf8.AppendRune(e.escaped(dst, text), e.o.quote)
}

func (e *Encoder) escaped(dst, text []byte) []byte {
	for _, r := range view(text) {
		switch {
		case r == e.o.quote:
			dst = utf8.AppendRune(dst, e.o.escape)
		case r == e.o.escape && e.o.escapeEscape != 0:
			dst = utf8.AppendRune(dst, e.o.escapeEscape)
		case r == '\n' && e.wideEnd:
			dst = append(dst, e.end...)
			continue
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
