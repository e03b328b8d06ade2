package json

import (
	"encoding/base64"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Encoder turns rows into JSON text. One goroutine uses it.
type Encoder struct {
	o                    *Options
	clock                *zone.Clock
	timestamp, ntz, date *types.Pattern
}

// NewEncoder reads the writer's options.
func NewEncoder(opts map[string]string, session *time.Location) (*Encoder, error) {
	o, err := readOptions(opts, session)
	if err != nil {
		return nil, err
	}
	if err := o.encode("JSONOptions", false); err != nil {
		return nil, err
	}
	if o.Pretty {
		return nil, errs.NotBuilt("the JSON option pretty")
	}
	e := &Encoder{o: o, clock: zone.NewClock(o.Zone)}
	for name, to := range map[string]**types.Pattern{"timestampformat": &e.timestamp, "timestampntzformat": &e.ntz, "dateformat": &e.date} {
		if text, ok := o.formats[name]; ok {
			if *to, err = types.CompilePattern(text, false); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

// Lines writes the rows of a batch, an object and a separator each.
func (e *Encoder) Lines(dst []byte, b arrow.RecordBatch, schema types.Struct) []byte {
	s := array.RecordToStructArray(b)
	defer s.Release()
	sep := e.o.LineSep
	if sep == "" {
		sep = "\n"
	}
	write := e.Writer(s, schema)
	if !e.o.Charset.Plain() {
		var text []byte
		for i := range int(b.NumRows()) {
			text = append(write(text[:0], i), sep...)
			dst = e.o.Charset.Encode(dst, text)
		}
		return dst
	}
	for i := range int(b.NumRows()) {
		dst = append(write(dst, i), sep...)
	}
	return dst
}

// Head is what a file begins with.
func (e *Encoder) Head() []byte { return e.o.Charset.Mark() }

// Write adds the JSON of row i, which is not null itself.
type Write func(dst []byte, i int) []byte

// Writer writes the rows of a column of any type.
func (e *Encoder) Writer(a arrow.Array, t types.Type) Write {
	switch t := t.(type) {
	case types.Struct:
		return e.object(a.(*array.Struct), t)
	case types.Array:
		return e.list(a.(array.ListLike), t.Elem)
	case types.Map:
		return e.mapping(a.(*array.Map), t)
	}
	return e.scalar(a, t)
}

func (e *Encoder) scalar(a arrow.Array, t types.Type) Write {
	print := expr.NewPrinter(a, t, e.clock, expr.Style{Null: "null"})
	switch t.Kind() {
	case types.KFloat:
		v := batch.Values[float32](a)
		return func(dst []byte, i int) []byte { return appendNumber(dst, float64(v[i]), print, i) }
	case types.KDouble:
		v := batch.Values[float64](a)
		return func(dst []byte, i int) []byte { return appendNumber(dst, v[i], print, i) }
	case types.KString:
		o, d := batch.Text(a)
		return func(dst []byte, i int) []byte { return AppendText(dst, d[o[i]:o[i+1]]) }
	case types.KBinary:
		o, d := batch.Text(a)
		return func(dst []byte, i int) []byte {
			return append(base64.StdEncoding.AppendEncode(append(dst, '"'), d[o[i]:o[i+1]]), '"')
		}
	case types.KDate:
		if p := e.date; p != nil {
			v := batch.Values[int32](a)
			return quote(func(dst []byte, i int) []byte { return p.AppendLocal(dst, int64(v[i])*types.MicrosPerDay) })
		}
		return quote(Write(print))
	case types.KTimestamp:
		v := batch.Values[int64](a)
		if p := e.timestamp; p != nil {
			return quote(func(dst []byte, i int) []byte { return p.Append(dst, v[i], e.clock) })
		}
		return quote(func(dst []byte, i int) []byte { return e.appendInstant(dst, v[i]) })
	case types.KTimestampNTZ:
		v := batch.Values[int64](a)
		if p := e.ntz; p != nil {
			return quote(func(dst []byte, i int) []byte { return p.AppendLocal(dst, v[i]) })
		}
		return quote(func(dst []byte, i int) []byte { return appendMillis(dst, v[i]) })
	case types.KDayTimeInterval, types.KYearMonthInterval, types.KCalendarInterval:
		return quote(Write(print))
	}
	return Write(print)
}

func quote(w Write) Write {
	return func(dst []byte, i int) []byte { return append(w(append(dst, '"'), i), '"') }
}

// appendNumber quotes what JSON has no number for.
func appendNumber(dst []byte, v float64, print expr.Printer, i int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(print(append(dst, '"'), i), '"')
	}
	return print(dst, i)
}

// appendMillis writes a wall clock as yyyy-MM-ddTHH:mm:ss.SSS.
func appendMillis(dst []byte, local int64) []byte { return isoMillis.AppendLocal(dst, local) }

var isoMillis, _ = types.CompilePattern("yyyy-MM-dd'T'HH:mm:ss.SSS", false)

// appendInstant writes an instant in the zone, with its offset.
func (e *Encoder) appendInstant(dst []byte, micros int64) []byte {
	off := e.clock.Offset(types.FloorDiv(micros, types.MicrosPerSecond))
	dst = appendMillis(dst, micros+off*types.MicrosPerSecond)
	if off == 0 {
		return append(dst, 'Z')
	}
	return types.AppendOffset(dst, int(off))
}

func (e *Encoder) object(s *array.Struct, t types.Struct) Write {
	type member struct {
		name  []byte
		write Write
		valid batch.Bitmap
	}
	members := make([]member, len(t.Fields))
	for i, f := range t.Fields {
		name := append(AppendText(nil, []byte(f.Name)), ':')
		members[i] = member{name, e.Writer(s.Field(i), f.Type), batch.Valid(s.Field(i))}
	}
	ignore := e.o.IgnoreNulls
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		first := true
		for k := range members {
			m := &members[k]
			null := !m.valid.Get(i)
			if null && ignore {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(dst, m.name...)
			if null {
				dst = append(dst, "null"...)
			} else {
				dst = m.write(dst, i)
			}
		}
		return append(dst, '}')
	}
}

func (e *Encoder) list(l array.ListLike, elem types.Type) Write {
	child := l.ListValues()
	write, valid := e.Writer(child, elem), batch.Valid(child)
	return func(dst []byte, i int) []byte {
		lo, hi := l.ValueOffsets(i)
		dst = append(dst, '[')
		for k := lo; k < hi; k++ {
			if k > lo {
				dst = append(dst, ',')
			}
			if valid.Get(int(k)) {
				dst = write(dst, int(k))
			} else {
				dst = append(dst, "null"...)
			}
		}
		return append(dst, ']')
	}
}

func (e *Encoder) mapping(m *array.Map, t types.Map) Write {
	key := expr.NewPrinter(m.Keys(), t.Key, e.clock, expr.Style{Null: "null"})
	write, valid := e.Writer(m.Items(), t.Value), batch.Valid(m.Items())
	var scratch []byte
	return func(dst []byte, i int) []byte {
		lo, hi := m.ValueOffsets(i)
		dst = append(dst, '{')
		for k := int(lo); k < int(hi); k++ {
			if k > int(lo) {
				dst = append(dst, ',')
			}
			scratch = key(scratch[:0], k)
			dst = append(AppendText(dst, scratch), ':')
			if valid.Get(k) {
				dst = write(dst, k)
			} else {
				dst = append(dst, "null"...)
			}
		}
		return append(dst, '}')
	}
}

const hexDigits = "0123456789ABCDEF"

// AppendText writes a JSON string.
func AppendText(dst, s []byte) []byte {
	dst = append(dst, '"')
	for {
		i, _ := plain(s, 0, each*'"')
		dst = append(dst, s[:i]...)
		if i == len(s) {
			return append(dst, '"')
		}
		switch x := s[i]; x {
		case '"', '\\':
			dst = append(dst, '\\', x)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[x>>4], hexDigits[x&15])
		}
		s = s[i+1:]
	}
}
