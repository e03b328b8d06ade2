package source

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/format/csv"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

type csvFormat struct{}

func (csvFormat) label() string                 { return "CSV" }
func (csvFormat) check(data types.Struct) error { return csv.Check(data) }

func (csvFormat) options(e *Env) (any, error) { return csvOptionsOf(e) }

func csvOptionsOf(e *Env) (*csv.Options, error) {
	if err := e.checkCodec("compression", "codec"); err != nil {
		return nil, err
	}
	corrupt, _ := e.Conf.Get("spark.sql.columnNameOfCorruptRecord")
	return csv.ParseOptions(e.Options, csv.Env{Zone: e.Zone, Corrupt: corrupt, Pruning: e.Conf.Bool("spark.sql.csv.parser.columnPruning.enabled"),
		NTZ: e.Conf.String("spark.sql.timestampType") == "TIMESTAMP_NTZ", CaseSensitive: e.Conf.Bool("spark.sql.caseSensitive")})
}

// checkCodec refuses a compression that is none; files say by their names what they are compressed with.
func (e *Env) checkCodec(names ...string) error {
	for _, name := range names {
		if v, ok := e.option(name); ok {
			return format.CheckCodec(v)
		}
	}
	return nil
}

func (csvFormat) cut(_ *Env, opts any, f file, size int64) ([]part, error) {
	o := opts.(*csv.Options)
	if o.MultiLine || !o.Charset.Plain() {
		return []part{{file: f}}, nil
	}
	return cutText(f, size, o.LineSep), nil
}

func (csvFormat) open(s *fileScan, in vfs.File, p part, columns []int, filters []format.Filter) (rows, error) {
	o := s.opts.(*csv.Options)
	from, whole, err := textual(in, p, o.LineSep)
	if err != nil {
		return nil, err
	}
	if len(columns) == 1 && s.data.Fields[columns[0]].Name == o.Corrupt {
		return nil, errs.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN")
	}
	d, err := csv.NewDecoder(s.data, columns, o, s.env.Mem)
	if err != nil {
		return nil, err
	}
	if len(filters) > 0 && s.env.Conf.Bool("spark.sql.csv.filterPushdown.enabled") {
		d.Filter(filters, columns)
	}
	return csvRows{csv.NewReader(from, d, whole, uri(p.path))}, nil
}

func (csvFormat) infer(ctx context.Context, e *Env, files []file) (types.Struct, bool, error) {
	o, err := csvOptionsOf(e)
	if err != nil || len(files) == 0 {
		return types.Struct{}, false, err
	}
	if err := o.Sampled(); err != nil {
		return types.Struct{}, false, err
	}
	all := csv.NewInferrer(o)
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return types.Struct{}, false, err
		}
		more, err := inferCSV(e, o, all, f)
		if err != nil {
			return types.Struct{}, false, err
		}
		if !more {
			break
		}
	}
	return all.Schema(), true, nil
}

func inferCSV(e *Env, o *csv.Options, all *csv.Inferrer, f file) (bool, error) {
	in, err := e.FS.Open(f.path)
	if err != nil {
		return false, err
	}
	defer in.Close()
	from, _, err := textual(in, part{file: f}, o.LineSep)
	if err != nil {
		return false, err
	}
	return all.Read(from)
}

type csvRows struct{ *csv.Reader }

func (c csvRows) Next(context.Context) (arrow.RecordBatch, error) { return c.Reader.Next() }
func (c csvRows) Close() error {
	c.Reader.Close()
	return nil
}
