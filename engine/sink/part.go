package sink

import (
	"fmt"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/format/csv"
	"pysparkcompat/engine/format/json"
	"pysparkcompat/engine/format/parquet"
	"pysparkcompat/engine/format/text"
	"pysparkcompat/engine/vfs"
)

// encoder writes batches into one file.
type encoder interface {
	Write(b arrow.RecordBatch) error
	// Close ends the file's form; the file stays open.
	Close() error
}

// fileForm is how the files of one sink are named and written.
type fileForm struct {
	ending  string        // ".snappy.parquet"
	parts   *partitioning // nil where all files lie in one folder
	maxRows int64         // 0 is no limit
	encode  func(w io.Writer) (encoder, error)
}

// newForm reads a file sink's options and checks the schema, so that mistakes show before rows flow.
func newForm(name string, e *Env) (*fileForm, error) {
	parts, err := divided(e)
	if err != nil {
		return nil, err
	}
	if parts != nil {
		files := *e
		files.Schema = parts.data
		e = &files
	}
	f := &fileForm{parts: parts, maxRows: int64(e.Conf.Int("spark.sql.files.maxRecordsPerFile"))}
	if v, ok := e.option("maxRecordsPerFile"); ok {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, errs.New(errs.Unnamed+"OPTION_NUMBER", "value", v, "option", "maxRecordsPerFile")
		}
		f.maxRows = n
	}
	switch strings.ToLower(name) {
	case "parquet":
		return f, f.parquet(e)
	case "json":
		return f, f.json(e)
	case "csv":
		return f, f.csv(e)
	case "text":
		return f, f.text(e)
	}
	return nil, errs.New("DATA_SOURCE_NOT_FOUND", "provider", name)
}

// divided checks the names of the columns and what partitionBy says of them.
func divided(e *Env) (*partitioning, error) {
	if err := distinct(e); err != nil {
		return nil, err
	}
	return newPartitioning(e)
}

// distinct refuses two columns of one name, which no file can hold.
func distinct(e *Env) error {
	seen := map[string]bool{}
	for _, f := range e.Schema.Fields {
		name := f.Name
		if !e.Conf.Bool("spark.sql.caseSensitive") {
			name = strings.ToLower(name)
		}
		if seen[name] {
			return errs.New("COLUMN_ALREADY_EXISTS", "columnName", "`"+name+"`")
		}
		seen[name] = true
	}
	return nil
}

func (f *fileForm) parquet(e *Env) error {
	name := e.Conf.String("spark.sql.parquet.compression.codec")
	for _, option := range []string{"parquet.compression", "compression"} {
		if v, ok := e.option(option); ok {
			name = v
		}
	}
	c, err := parquet.FindCompression(name)
	if err != nil {
		return err
	}
	dictionary, _ := e.option("parquet.enable.dictionary")
	o := parquet.WriteOptions{Compression: c, Dictionary: strings.EqualFold(dictionary, "true"), Mem: e.Mem}
	f.ending = c.Suffix + ".parquet"
	f.encode = func(w io.Writer) (encoder, error) { return parquet.NewWriter(w, e.Schema, o) }
	return parquet.Writable(e.Schema)
}

func (f *fileForm) codec(e *Env, ending string, options ...string) (format.Codec, error) {
	name := "none"
	for _, option := range options {
		if v, ok := e.option(option); ok {
			name = v
			break
		}
	}
	c, err := format.FindCodec(name)
	f.ending = ending + c.Suffix
	return c, err
}

func (f *fileForm) json(e *Env) error {
	c, err := f.codec(e, ".json", "compression")
	if err != nil {
		return err
	}
	if _, err := json.NewEncoder(e.Options, e.Zone); err != nil {
		return err
	}
	f.encode = func(w io.Writer) (encoder, error) {
		enc, err := json.NewEncoder(e.Options, e.Zone)
		if err != nil {
			return nil, err
		}
		l, err := newLines(w, c, func(dst []byte, b arrow.RecordBatch) []byte { return enc.Lines(dst, b, e.Schema) })
		if err == nil {
			l.buf = append(l.buf, enc.Head()...)
		}
		return l, err
	}
	return nil
}

func (f *fileForm) csv(e *Env) error {
	env := csv.Env{Zone: e.Zone, CaseSensitive: e.Conf.Bool("spark.sql.caseSensitive")}
	first, err := csv.NewEncoder(e.Options, env)
	if err != nil {
		return err
	}
	ending, err := first.Extension()
	if err != nil {
		return err
	}
	c, err := f.codec(e, "."+ending, "compression", "codec")
	if err != nil {
		return err
	}
	f.encode = func(w io.Writer) (encoder, error) {
		enc, err := csv.NewEncoder(e.Options, env)
		if err != nil {
			return nil, err
		}
		l, err := newLines(w, c, func(dst []byte, b arrow.RecordBatch) []byte { return enc.Lines(dst, b, e.Schema) })
		if err == nil {
			l.buf = enc.Head(l.buf, e.Schema)
		}
		return l, err
	}
	return csv.Check(e.Schema)
}

func (f *fileForm) text(e *Env) error {
	c, err := f.codec(e, ".txt", "compression")
	if err != nil {
		return err
	}
	sep, given := e.option("lineSep")
	if given && sep == "" {
		return errs.New("_LEGACY_ERROR_UNNAMED_REQUIREMENT", "message", "requirement failed: 'lineSep' cannot be an empty string.")
	}
	f.encode = func(w io.Writer) (encoder, error) {
		return newLines(w, c, func(dst []byte, b arrow.RecordBatch) []byte { return text.Append(dst, b, sep) })
	}
	return text.Check(e.Schema)
}

// lines writes rows as text.
type lines struct {
	out    io.WriteCloser
	append func(dst []byte, b arrow.RecordBatch) []byte
	buf    []byte
}

const lineBuffer = 256 << 10

func newLines(w io.Writer, c format.Codec, add func([]byte, arrow.RecordBatch) []byte) (*lines, error) {
	out, err := c.Writer(w)
	if err != nil {
		return nil, err
	}
	return &lines{out: out, append: add}, nil
}

func (l *lines) Write(b arrow.RecordBatch) error {
	l.buf = l.append(l.buf, b)
	if len(l.buf) < lineBuffer {
		return nil
	}
	return l.flush()
}

func (l *lines) flush() error {
	if len(l.buf) == 0 {
		return nil
	}
	_, err := l.out.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

func (l *lines) Close() error {
	if err := l.flush(); err != nil {
		return err
	}
	return l.out.Close()
}

// partWriter writes one instance's rows into files: none without rows, several beyond maxRows.
type partWriter struct {
	fs       vfs.FS
	form     *fileForm
	instance int
	uuid     string
	// dir is the folder below the output's, of the values that its rows have in common.
	dir string
	// place gives where a file is to be written, by its final name.
	place func(name string) string
	// done is told of each file that is complete and durable.
	done func(name string, size int64)

	file  vfs.File
	enc   encoder
	name  string
	rows  int64 // in the file at hand
	count int
}

func (p *partWriter) write(b arrow.RecordBatch) error {
	for from := int64(0); from < b.NumRows(); {
		if p.enc == nil {
			if err := p.begin(); err != nil {
				return err
			}
		}
		n := b.NumRows() - from
		if p.form.maxRows > 0 {
			n = min(n, p.form.maxRows-p.rows)
		}
		piece := b.NewSlice(from, from+n)
		err := p.enc.Write(piece)
		piece.Release()
		if err != nil {
			return err
		}
		from, p.rows = from+n, p.rows+n
		if p.form.maxRows > 0 && p.rows == p.form.maxRows {
			if err := p.end(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *partWriter) begin() error {
	p.name = path.Join(p.dir, fmt.Sprintf("part-%05d-%s-c%03d%s", p.instance, p.uuid, p.count, p.form.ending))
	if p.dir != "" {
		if err := p.fs.MkdirAll(path.Dir(p.place(p.name))); err != nil {
			return err
		}
	}
	f, err := p.fs.Create(p.place(p.name), true)
	if err != nil {
		return err
	}
	p.file = f
	p.count++
	p.rows = 0
	p.enc, err = p.form.encode(struct{ io.Writer }{f})
	return err
}

// end makes the file at hand complete and durable.
func (p *partWriter) end() error {
	if p.file == nil {
		return nil
	}
	if err := p.enc.Close(); err != nil {
		return err
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	f := p.file
	p.file, p.enc = nil, nil
	if err := f.Close(); err != nil {
		return err
	}
	p.done(p.name, info.Size())
	return nil
}

// drop gives up the file at hand.
func (p *partWriter) drop() {
	if p.file != nil {
		p.file.Close()
		p.file, p.enc = nil, nil
		p.fs.Remove(p.place(p.name))
	}
}

// writer is what an instance gives its rows to.
func (p *partWriter) writer(e *Env) Writer {
	if p.form.parts == nil {
		return &fileWriter{p}
	}
	return &folderWriter{parts: p.form.parts, mem: e.Mem, base: p, known: map[string]*folder{}}
}

// foldersOf are the folders of files given by their names below a folder, with those around them, the deepest first.
func foldersOf(names []string) []string {
	seen := map[string]bool{".": true}
	for _, name := range names {
		for dir := path.Dir(name); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
		}
	}
	out := make([]string, 0, len(seen))
	for dir := range seen {
		out = append(out, dir)
	}
	sort.Slice(out, func(i, j int) bool { return len(out[i]) > len(out[j]) || len(out[i]) == len(out[j]) && out[i] < out[j] })
	return out
}

// empty writes one file without rows, which says what the columns are.
func (p *partWriter) empty() error {
	if err := p.begin(); err != nil {
		return err
	}
	return p.end()
}
