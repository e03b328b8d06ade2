package parquet

import (
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Compression is one codec: its Parquet form and what it adds to a file's name.
type Compression struct {
	Name   string
	Suffix string
	codec  compress.Compression
}

// compressions are the values of the option compression. lz4 (Hadoop's framing of it) and lzo are not built.
var compressions = []Compression{
	{"none", "", compress.Codecs.Uncompressed},
	{"uncompressed", "", compress.Codecs.Uncompressed},
	{"snappy", ".snappy", compress.Codecs.Snappy},
	{"gzip", ".gz", compress.Codecs.Gzip},
	{"zstd", ".zstd", compress.Codecs.Zstd},
	{"lz4_raw", ".lz4raw", compress.Codecs.Lz4Raw},
	{"brotli", ".br", compress.Codecs.Brotli},
}

// FindCompression reads the option compression.
func FindCompression(name string) (Compression, error) {
	lower := strings.ToLower(name)
	for _, c := range compressions {
		if c.Name == lower {
			return c, nil
		}
	}
	if lower == "lz4" || lower == "lzo" {
		return Compression{}, errs.NotBuilt("the Parquet compression " + lower)
	}
	return Compression{}, errs.New("CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION",
		"codecName", name, "availableCodecs", "brotli, uncompressed, lzo, snappy, lz4_raw, none, zstd, lz4, gzip")
}

// Writable refuses schemas that Parquet files cannot hold.
func Writable(s types.Struct) error {
	if !hasColumns(s) {
		return errs.New("EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE", "format", "Parquet")
	}
	for _, f := range s.Fields {
		if !storable(f.Type) {
			return errs.New("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "columnName", "`"+f.Name+"`",
				"columnType", `"`+types.SQL(f.Type)+`"`, "format", "Parquet")
		}
	}
	return nil
}

func hasColumns(s types.Struct) bool {
	for _, f := range s.Fields {
		if inner, ok := f.Type.(types.Struct); ok && !hasColumns(inner) {
			return false
		}
	}
	return len(s.Fields) > 0
}

func storable(t types.Type) bool {
	switch t := t.(type) {
	case types.Array:
		return storable(t.Elem)
	case types.Map:
		return storable(t.Key) && storable(t.Value)
	case types.Struct:
		for _, f := range t.Fields {
			if !storable(f.Type) {
				return false
			}
		}
		return true
	}
	k := t.Kind()
	return k != types.KCalendarInterval && k != types.KDayTimeInterval && k != types.KYearMonthInterval
}

// WriteOptions says how a file is written.
type WriteOptions struct {
	Compression Compression
	// Dictionary encodes columns by dictionaries first (parquet.enable.dictionary): smaller where values repeat, slower to write.
	Dictionary bool
	Mem        memory.Allocator
}

// A row group ends after so many rows, or so many bytes that wait in memory.
const (
	groupRows   = 1 << 20
	groupBytes  = 32 << 20
	sparkKey    = "org.apache.spark.version"
	sparkValue  = "4.3.0"
	createdBy   = "pyspark-compat version 4.3.0"
	pageSize    = 1 << 20
	schemaName  = "spark_schema"
	maxStatSize = 64
)

// Writer writes one file. Timestamps are TIMESTAMP(MICROS), which all readers know, where Spark still writes INT96.
// One goroutine uses it.
type Writer struct {
	flat  *flatWriter         // without nested columns and dictionaries
	file  *pqarrow.FileWriter // else the library
	rows  int64
	pairs [][2]string
}

// NewWriter starts a file; Close writes its footer and leaves w open.
func NewWriter(w io.Writer, s types.Struct, o WriteOptions) (out *Writer, err error) {
	defer caught(&err)
	out = &Writer{pairs: [][2]string{{sparkKey, sparkValue}, {rowKey, types.JSON(nullable(s))}}}
	if !o.Dictionary {
		if out.flat = newFlatWriter(w, s, o.Compression.codec); out.flat != nil {
			return out, nil
		}
	}
	props := pq.NewWriterProperties(pq.WithAllocator(&scratch), pq.WithCompression(o.Compression.codec),
		pq.WithDictionaryDefault(o.Dictionary), pq.WithStats(true), pq.WithMaxStatsSize(maxStatSize), pq.WithDataPageSize(pageSize),
		pq.WithMaxRowGroupLength(groupRows), pq.WithRootName(schemaName), pq.WithCreatedBy(createdBy),
		pq.WithStoreDecimalAsInteger(true), pq.WithVersion(pq.V2_LATEST))
	out.file, err = pqarrow.NewFileWriter(types.ArrowSchema(s), nopCloser{w}, props, pqarrow.NewArrowWriterProperties(pqarrow.WithAllocator(o.Mem)))
	if err != nil {
		return nil, err
	}
	for _, p := range out.pairs {
		if err := out.file.AppendKeyValueMetadata(p[0], p[1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nopCloser keeps the library from closing what the caller opened.
type nopCloser struct{ io.Writer }

func caught(err *error) {
	if p := recover(); p != nil {
		*err = errs.Internal("writing Parquet: %v", p)
	}
}

// Write adds a batch, which is borrowed.
func (w *Writer) Write(b arrow.RecordBatch) (err error) {
	defer caught(&err)
	w.rows += b.NumRows()
	if w.flat != nil {
		return w.flat.add(b)
	}
	return w.file.WriteBuffered(b)
}

// Rows is how many were written.
func (w *Writer) Rows() int64 { return w.rows }

// Close ends the file. A Writer that is not to be finished is simply dropped.
func (w *Writer) Close() (err error) {
	defer caught(&err)
	if w.flat != nil {
		return w.flat.close(w.pairs)
	}
	return w.file.Close()
}
