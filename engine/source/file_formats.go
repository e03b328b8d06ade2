package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/format/json"
	"pysparkcompat/engine/format/parquet"
	"pysparkcompat/engine/format/text"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

type parquetFormat struct{}

func (parquetFormat) label() string             { return "Parquet" }
func (parquetFormat) check(types.Struct) error  { return nil }
func (parquetFormat) options(*Env) (any, error) { return nil, nil }

func (parquetFormat) infer(ctx context.Context, e *Env, files []file) (types.Struct, bool, error) {
	merge, err := e.flag("mergeSchema", e.Conf.Bool("spark.sql.parquet.mergeSchema"))
	if err != nil {
		return types.Struct{}, false, err
	}
	var out types.Struct
	found := false
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return out, false, err
		}
		if f.size == 0 {
			continue
		}
		s, _, err := parquetStat(e, f)
		if err != nil {
			return out, false, err
		}
		if !found {
			out, found = s, true
		} else if out, err = mergeSchemas(out, s, e.Conf.Bool("spark.sql.caseSensitive")); err != nil {
			return out, false, err
		}
		if !merge {
			break
		}
	}
	return out, found, nil
}

func parquetStat(e *Env, f file) (types.Struct, []parquet.Group, error) {
	in, err := e.FS.Open(f.path)
	if err != nil {
		return types.Struct{}, nil, err
	}
	defer in.Close()
	return parquet.Stat(in, uri(f.path))
}

// cut divides by row groups.
func (parquetFormat) cut(e *Env, _ any, f file, size int64) ([]part, error) {
	_, groups, err := parquetStat(e, f)
	if err != nil {
		// Whoever reads the file says what is wrong with it.
		return []part{{file: f}}, nil
	}
	stored := int64(0)
	for _, g := range groups {
		stored += g.Bytes
	}
	var out []part
	var held int64
	var at []int
	for i, g := range groups {
		at, held = append(at, i), held+g.Bytes
		// Row groups are weighed as they lie in the file.
		if held*f.size/max(stored, 1) >= size || i == len(groups)-1 {
			out = append(out, part{file: f, groups: at})
			at, held = nil, 0
		}
	}
	return out, nil
}

func (parquetFormat) open(s *fileScan, in vfs.File, p part, columns []int, filters []format.Filter) (rows, error) {
	o := parquet.Options{CaseSensitive: s.caseSensitive, Groups: p.groups, Mem: s.env.Mem, Name: uri(p.path)}
	place := map[int]int{}
	for i, c := range columns {
		o.Schema.Fields = append(o.Schema.Fields, s.data.Fields[c])
		place[c] = i
	}
	for _, f := range filters {
		if i, ok := place[f.Column]; ok {
			o.Filters = append(o.Filters, format.Filter{Column: i, Op: f.Op, Value: f.Value})
		}
	}
	r, err := parquet.Open(in, o)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// mergeSchemas adds the fields of b to a; fields of both must be of one type.
func mergeSchemas(a, b types.Struct, caseSensitive bool) (types.Struct, error) {
	out := types.Struct{Fields: append([]types.Field(nil), a.Fields...)}
	for _, f := range b.Fields {
		i := fieldIndex(out, f.Name, caseSensitive)
		if i < 0 {
			out.Fields = append(out.Fields, f)
			continue
		}
		t, ok := mergeTypes(out.Fields[i].Type, f.Type, caseSensitive)
		if !ok {
			return out, errs.New("CANNOT_MERGE_SCHEMAS", "left", `"`+types.SQL(a)+`"`, "right", `"`+types.SQL(b)+`"`)
		}
		out.Fields[i].Type = t
	}
	return out, nil
}

func mergeTypes(a, b types.Type, caseSensitive bool) (types.Type, bool) {
	switch a := a.(type) {
	case types.Struct:
		if s, ok := b.(types.Struct); ok {
			t, err := mergeSchemas(a, s, caseSensitive)
			return t, err == nil
		}
	case types.Array:
		if l, ok := b.(types.Array); ok {
			t, ok := mergeTypes(a.Elem, l.Elem, caseSensitive)
			return types.Array{Elem: t, ContainsNull: true}, ok
		}
	case types.Map:
		if m, ok := b.(types.Map); ok {
			k, ok := mergeTypes(a.Key, m.Key, caseSensitive)
			v, ok2 := mergeTypes(a.Value, m.Value, caseSensitive)
			return types.Map{Key: k, Value: v, ValueContainsNull: true}, ok && ok2
		}
	case types.Decimal:
		if d, ok := b.(types.Decimal); ok && d.Scale == a.Scale {
			return types.Decimal{Precision: max(a.Precision, d.Precision), Scale: a.Scale}, true
		}
	}
	return a, types.Equal(a, b)
}

// textual is the text of a part: decompressed, or cut at line ends. whole says that it begins its file.
func textual(in vfs.File, p part, sep string) (from io.Reader, whole bool, err error) {
	codec, err := format.CodecOf(path.Base(p.path))
	if err != nil {
		return nil, false, err
	}
	if !codec.Plain() {
		from, err = codec.Reader(in)
		return from, true, err
	}
	if p.to == 0 {
		return struct{ io.Reader }{in}, true, nil
	}
	end := byte('\n')
	if sep != "" {
		end = sep[0]
	}
	return &lineRange{in: in, at: p.from, end: p.to, sep: end}, p.from == 0, nil
}

// cutText divides by bytes; lineRange then moves the ends to line ends.
func cutText(f file, size int64, sep string) []part {
	codec, err := format.CodecOf(path.Base(f.path))
	if err != nil || !codec.Plain() || len(sep) > 1 {
		return []part{{file: f}}
	}
	n := (f.size + size - 1) / size
	size = (f.size + n - 1) / n
	var out []part
	for from := int64(0); from < f.size; from += size {
		out = append(out, part{file: f, from: from, to: min(from+size, f.size)})
	}
	return out
}

// lineRange reads the lines that begin in [at, end).
type lineRange struct {
	in       io.ReaderAt
	at, end  int64
	sep      byte
	started  bool
	finished bool
}

func (l *lineRange) Read(p []byte) (int, error) {
	if !l.started {
		if err := l.start(); err != nil {
			return 0, err
		}
		l.started = true
	}
	if l.finished || len(p) == 0 {
		return 0, io.EOF
	}
	n, err := l.in.ReadAt(p, l.at)
	if n > 0 {
		err = nil
	}
	if last := l.end - 1 - l.at; int64(n) > last {
		from := max(last, 0)
		if i := bytes.IndexByte(p[from:n], l.sep); i >= 0 {
			n, l.finished = int(from)+i+1, true
		}
	}
	l.at += int64(n)
	return n, err
}

// start moves to the first line that begins at or after at.
func (l *lineRange) start() error {
	if l.at == 0 {
		return nil
	}
	buf := make([]byte, 64<<10)
	for at := l.at - 1; ; {
		n, err := l.in.ReadAt(buf, at)
		if i := bytes.IndexByte(buf[:n], l.sep); i >= 0 {
			l.at = at + int64(i) + 1
			l.finished = l.at >= l.end
			return nil
		}
		at += int64(n)
		if errors.Is(err, io.EOF) || err == nil && n == 0 {
			l.finished = true
			return nil
		}
		if err != nil {
			return err
		}
	}
}

type textFormat struct{}

func (textFormat) label() string { return "Text" }
func (textFormat) infer(context.Context, *Env, []file) (types.Struct, bool, error) {
	return text.Schema, true, nil
}
func (textFormat) check(data types.Struct) error { return text.Check(data) }

func (textFormat) options(e *Env) (any, error) {
	o := text.Options{}
	var err error
	if o.Whole, err = e.flag("wholetext", false); err != nil {
		return nil, err
	}
	sep, given := e.option("lineSep")
	if given && sep == "" {
		return nil, errs.New("_LEGACY_ERROR_UNNAMED_REQUIREMENT", "message", "requirement failed: 'lineSep' cannot be an empty string.")
	}
	o.LineSep = sep
	if name, ok := e.option("encoding"); ok && given { // it is the separator's; the lines come as they are
		c, err := format.FindCharset(name, "TextOptions")
		if err != nil {
			return nil, err
		}
		o.LineSep = string(c.Encode(nil, []byte(sep)))
	}
	return o, e.checkCodec("compression")
}

func (textFormat) cut(_ *Env, opts any, f file, size int64) ([]part, error) {
	o := opts.(text.Options)
	if o.Whole {
		return []part{{file: f}}, nil
	}
	return cutText(f, size, o.LineSep), nil
}

func (textFormat) open(s *fileScan, in vfs.File, p part, columns []int, _ []format.Filter) (rows, error) {
	o := s.opts.(text.Options)
	from, whole, err := textual(in, p, o.LineSep)
	if err != nil {
		return nil, err
	}
	o.First = whole
	return textRows{text.NewReader(from, s.data.Fields[0].Name, o, s.env.Mem), len(columns) == 0}, nil
}

// textRows drops the column where only the number of rows is wanted.
type textRows struct {
	*text.Reader
	bare bool
}

func (t textRows) Next(context.Context) (arrow.RecordBatch, error) {
	b, err := t.Reader.Next()
	if err != nil || !t.bare {
		return b, err
	}
	defer b.Release()
	return bareRows(int(b.NumRows())), nil
}

func (t textRows) Close() error {
	t.Reader.Close()
	return nil
}

type jsonFormat struct{}

func (jsonFormat) label() string            { return "JSON" }
func (jsonFormat) check(types.Struct) error { return nil }

func (jsonFormat) options(e *Env) (any, error) {
	if err := e.checkCodec("compression"); err != nil {
		return nil, err
	}
	return json.ParseOptions(jsonGiven(e), e.Zone)
}

// jsonGiven is the options with what the session says where they are silent.
func jsonGiven(e *Env) map[string]string {
	out := map[string]string{}
	if v, ok := e.Conf.Get("spark.sql.columnNameOfCorruptRecord"); ok {
		out["columnNameOfCorruptRecord"] = v
	}
	for k, v := range e.Options {
		out[k] = v
	}
	return out
}

func (jsonFormat) cut(_ *Env, opts any, f file, size int64) ([]part, error) {
	o := opts.(*json.Options)
	if o.MultiLine || !o.Charset.Plain() {
		return []part{{file: f}}, nil
	}
	return cutText(f, size, o.LineSep), nil
}

func (jsonFormat) open(s *fileScan, in vfs.File, p part, columns []int, filters []format.Filter) (rows, error) {
	o := s.opts.(*json.Options)
	from, _, err := textual(in, p, o.LineSep)
	if err != nil {
		return nil, err
	}
	if len(columns) == 1 && s.data.Fields[columns[0]].Name == o.Corrupt {
		return nil, errs.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN")
	}
	if columns == nil {
		columns = []int{}
	}
	d, err := json.NewDecoder(s.data, columns, jsonGiven(s.env), s.env.Zone, s.env.Mem)
	if err != nil {
		return nil, err
	}
	if len(filters) > 0 && s.env.Conf.Bool("spark.sql.json.filterPushdown.enabled") {
		d.Filter(filters, columns)
	}
	return jsonRows{json.NewReader(from, d)}, nil
}

func (jsonFormat) infer(ctx context.Context, e *Env, files []file) (types.Struct, bool, error) {
	o, err := json.ParseOptions(jsonGiven(e), e.Zone)
	if err != nil || len(files) == 0 {
		return types.Struct{}, false, err
	}
	all := json.NewInferrer(o)
	for _, f := range files {
		if err := inferOne(ctx, e, o, all, f); err != nil {
			return types.Struct{}, false, err
		}
	}
	return all.Schema(), true, nil
}

func inferOne(ctx context.Context, e *Env, o *json.Options, all *json.Inferrer, f file) error {
	in, err := e.FS.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	from, _, err := textual(in, part{file: f}, o.LineSep)
	if err != nil {
		return err
	}
	if o.MultiLine {
		whole, err := io.ReadAll(from)
		if err != nil {
			return err
		}
		return all.Document(bytes.TrimPrefix(whole, []byte("\xef\xbb\xbf")))
	}
	buf := make([]byte, 0, 1<<20)
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(buf) == cap(buf) { // a line longer than the buffer
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := io.ReadFull(from, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		end := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !end {
			return err
		}
		text := buf
		if first {
			text = bytes.TrimPrefix(buf, []byte("\xef\xbb\xbf"))
		}
		used, err := all.Decode(text, end)
		if err != nil || end {
			return err
		}
		buf = buf[:copy(buf, text[used:])]
	}
}

type jsonRows struct{ *json.Reader }

func (j jsonRows) Next(context.Context) (arrow.RecordBatch, error) { return j.Reader.Next() }
func (j jsonRows) Close() error {
	j.Reader.Close()
	return nil
}
