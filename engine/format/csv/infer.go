package csv

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"pysparkcompat/engine/types"
)

// Inferrer finds the columns of files. Order of calls: Read for each file in turn, then Schema. One goroutine uses it.
type Inferrer struct {
	o     *Options
	m     *maker
	names []string
	head  []byte // the line that names them
	kinds []types.Type
	begun bool
	pick  *rand.Rand
}

// NewInferrer starts without a column.
func NewInferrer(o *Options) *Inferrer {
	return &Inferrer{o: o, m: newMaker(o, nil), pick: rand.New(rand.NewPCG(1, 1))}
}

// Read looks at a file. more says that the next files matter too.
func (i *Inferrer) Read(from io.Reader) (more bool, err error) {
	if i.o.sep == "" {
		return false, nil
	}
	r := &Reader{lines: lines{from: from, o: i.o, first: true}, d: &Decoder{o: i.o, split: newSplitter(i.o, nil)}, head: i.o.Header}
	for {
		raw, ok, err := i.next(r)
		if err != nil {
			return false, err
		}
		if !ok {
			return i.o.Infer || !i.begun, nil
		}
		if err := i.add(r.d.split, raw); err != nil {
			return false, err
		}
		if !i.o.Infer {
			return false, nil
		}
	}
}

// next cuts the next record; raw is its text.
func (i *Inferrer) next(r *Reader) (raw []byte, ok bool, err error) {
	s := r.d.split
	if i.o.MultiLine {
		return i.several(r)
	}
	line, ok, err := r.line()
	if err != nil || !ok {
		return nil, false, err
	}
	s.reset(r.d.valid(line))
	if _, _, err := s.record(); err != nil {
		return nil, false, r.d.failed(line, err)
	}
	return line, true, nil
}

func (i *Inferrer) several(r *Reader) ([]byte, bool, error) {
	more, err := r.cut()
	if more && r.head && i.begun {
		more, err = r.cut() // each file has a header of its own
	}
	r.head = false
	if err != nil || !more {
		return nil, false, err
	}
	return r.d.split.raw(), true, nil
}

// add takes a record: the first names the columns or counts them, the others tell their types.
func (i *Inferrer) add(s *splitter, raw []byte) error {
	if !i.begun {
		i.begun = true
		i.head = append([]byte(nil), raw...)
		for _, v := range s.values {
			i.names = append(i.names, string(s.text(v)))
			i.kinds = append(i.kinds, types.Null)
		}
		i.rename()
		if i.o.Header {
			return nil
		}
	} else if i.o.Header && !i.o.MultiLine && bytes.Equal(raw, i.head) {
		return nil
	}
	if !i.o.Infer {
		for k := range i.kinds {
			i.kinds[k] = types.String
		}
		return nil
	}
	if i.o.Sampling <= 0.99 && i.pick.Float64() >= i.o.Sampling {
		return nil
	}
	i.observe(s)
	return nil
}

// observe widens the columns' types by a record's values.
func (i *Inferrer) observe(s *splitter) {
	for k := 0; k < len(i.kinds) && k < len(s.values); k++ {
		if text := s.text(s.values[k]); s.values[k].kind != spanNull && len(text) > 0 && string(text) != i.o.null {
			i.kinds[k] = i.field(i.kinds[k], text)
		}
	}
}

// rename makes names of the first record's values that differ from each other.
func (i *Inferrer) rename() {
	if !i.o.Header {
		for k := range i.names {
			i.names[k] = "_c" + strconv.Itoa(k)
		}
		return
	}
	count := map[string]int{}
	fold := func(n string) string {
		if i.o.CaseSensitive {
			return n
		}
		return strings.ToLower(n)
	}
	for _, n := range i.names {
		count[fold(n)]++
	}
	for k, n := range i.names {
		switch {
		case n == "" || n == i.o.null:
			i.names[k] = "_c" + strconv.Itoa(k)
		case count[fold(n)] > 1:
			i.names[k] = n + strconv.Itoa(k)
		}
	}
}

// Schema is what was found.
func (i *Inferrer) Schema() types.Struct {
	out := types.Struct{}
	for k, n := range i.names {
		t := i.kinds[k]
		if t.Kind() == types.KNull {
			t = types.String
		}
		out.Fields = append(out.Fields, types.Field{Name: n, Type: t, Nullable: true})
	}
	return out
}

// field is the type of a column that was so far, and holds this value too.
func (i *Inferrer) field(sofar types.Type, text []byte) types.Type {
	if sofar.Kind() == types.KString {
		return sofar
	}
	return i.common(sofar, i.guess(sofar.Kind(), text))
}

// steps are the types that a value is tried for, in order; a column goes on from where it is.
var steps = []types.Kind{types.KInt, types.KLong, types.KDecimal, types.KDouble, types.KDate, types.KTimestampNTZ, types.KTimestamp, types.KBoolean}

func (i *Inferrer) guess(from types.Kind, text []byte) types.Type {
	begun := from == types.KNull
	for _, k := range steps {
		begun = begun || k == from
		if !begun {
			continue
		}
		if t := i.as(k, text); t != nil {
			return t
		}
	}
	return types.String
}

// as is the type of a value if it is of a kind, or nil.
func (i *Inferrer) as(k types.Kind, text []byte) types.Type {
	ok := false
	var t types.Type
	switch k {
	case types.KInt:
		v, whole := parseLong(text)
		ok, t = whole && v >= math.MinInt32 && v <= math.MaxInt32, types.Int
	case types.KLong:
		_, ok = parseLong(text)
		t = types.Long
	case types.KDecimal:
		return wholeDecimal(text)
	case types.KDouble:
		_, ok = i.o.float(text, 64)
		t = types.Double
	case types.KDate:
		ok, t = i.o.preferDate && i.isDate(text), types.Date
	case types.KTimestampNTZ:
		if i.o.NTZ {
			_, ok = i.o.parseNTZ(text)
		}
		t = types.TimestampNTZ
	case types.KTimestamp:
		ok, t = i.isTimestamp(text), types.Timestamp
	case types.KBoolean:
		_, ok = parseBool(text)
		t = types.Boolean
	}
	if !ok {
		return nil
	}
	return t
}

func (i *Inferrer) isDate(text []byte) bool {
	if _, given := i.o.formats["dateformat"]; given {
		if i.o.date == nil {
			return false
		}
		_, _, fail := i.o.date.ParseLocal(text)
		return fail == nil
	}
	return strictDate(text)
}

func (i *Inferrer) isTimestamp(text []byte) bool {
	if _, given := i.o.formats["timestampformat"]; given {
		if i.o.timestamp == nil {
			return false
		}
		_, fail := i.o.timestamp.Parse(text, i.m.clock)
		return fail == nil
	}
	_, ok := types.ParseTimestamp(text, i.m.clock, i.m.today)
	return ok
}

// wholeDecimal is the type of a number without a fraction, or nil.
func wholeDecimal(text []byte) types.Type {
	digits := bytes.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || len(digits) == 0 {
		return nil
	}
	for _, c := range digits {
		if c-'0' > 9 {
			return nil
		}
	}
	digits = bytes.TrimLeft(digits, "0")
	if n := max(len(digits), 1); n <= 38 {
		return types.Decimal{Precision: n}
	}
	return nil
}

// common is the narrowest type for two.
func (i *Inferrer) common(a, b types.Type) types.Type {
	if a.Kind() == types.KNull || types.Equal(a, b) {
		return b
	}
	ka, kb := a.Kind(), b.Kind()
	rank := map[types.Kind]int{types.KInt: 1, types.KLong: 2, types.KDecimal: 3, types.KDouble: 4}
	if ra, rb := rank[ka], rank[kb]; ra > 0 && rb > 0 {
		switch top := max(ra, rb); {
		case top == 4:
			return types.Double
		case top == 2:
			return types.Long
		}
		return types.Decimal{Precision: max(digitsOf(a), digitsOf(b))}
	}
	switch {
	case ka == types.KTimestampNTZ && kb == types.KTimestamp, ka == types.KTimestamp && kb == types.KTimestampNTZ:
		return types.Timestamp
	case ka == types.KDate && (kb == types.KTimestamp || kb == types.KTimestampNTZ):
		return i.dated(b)
	case kb == types.KDate && (ka == types.KTimestamp || ka == types.KTimestampNTZ):
		return i.dated(a)
	}
	return types.String
}

func digitsOf(t types.Type) int {
	switch t := t.(type) {
	case types.Decimal:
		return t.Precision
	}
	if t.Kind() == types.KInt {
		return 10
	}
	return 20
}

// dated is the type of a column of dates and timestamps: the timestamp's where its reading takes such dates.
func (i *Inferrer) dated(stamp types.Type) types.Type {
	name := "timestampformat"
	if stamp.Kind() == types.KTimestampNTZ {
		name = "timestampntzformat"
	}
	if _, given := i.o.formats[name]; given {
		return types.String
	}
	switch text, given := i.o.formats["dateformat"]; {
	case !given, text == "yyyy-MM-dd", text == "yyyy-M-d", text == "yyyy-M-dd", text == "yyyy-MM-d", text == "yyyy-MM", text == "yyyy-M", text == "yyyy":
		return stamp
	}
	return types.String
}
