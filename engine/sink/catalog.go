package sink

import (
	"context"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// Env is what a sink is opened with. It is shared and read only.
type Env struct {
	FS    vfs.FS
	Clock clock.Clock
	Mem   memory.Allocator
	Conf  *conf.Conf
	Zone  *time.Location
	// Options are the user's, under any case.
	Options map[string]string
	// Schema is that of the rows.
	Schema types.Struct
	Mode   Mode
	// PartitionBy are the columns that name folders, as the user wrote them.
	PartitionBy []string
	// Name is the query's, or empty.
	Name string
	// Print takes what the console sink shows of an epoch: whole text with its line ends.
	Print func(ctx context.Context, epoch int64, text string) error
	// Call is the user's function of foreachBatch. The rows are good until it returns.
	Call func(ctx context.Context, epoch int64, rows *Rows) error
	// Writer is the user's writer of foreach, pickled.
	Writer []byte
	// Spill is a folder for rows of foreachBatch beyond SpillAbove bytes; the sink makes and empties it.
	Spill      string
	SpillAbove int64
}

// Connector is one line of the catalog.
type Connector struct {
	Name    string
	Options []Option
	Open    func(ctx context.Context, e *Env) (Sink, error)
}

// Option is one option of a connector.
type Option struct {
	Name, Default, Doc string
	// Refused options change the answer and are not built.
	Refused bool
}

// connectors is the catalog.
var connectors = []Connector{
	{"parquet", parquetOptions, openFiles("parquet")},
	{"json", jsonOptions, openFiles("json")},
	{"csv", csvOptions, openFiles("csv")},
	{"text", textOptions, openFiles("text")},
	{"memory", nil, openMemory},
	{"noop", nil, func(context.Context, *Env) (Sink, error) { return Noop{}, nil }},
	{"console", consoleOptions, openConsole},
	{"foreachbatch", nil, openCallback},
	{"foreach", nil, openForeach},
}

// lacking are sinks that PySpark has and we do not.
var lacking = []string{"orc", "avro", "xml", "kafka", "delta", "iceberg", "jdbc", "hive"}

// sourcesOnly are formats that are read and never written.
var sourcesOnly = []string{"rate", "rate-micro-batch", "socket"}

// Connectors gives the catalog, for documentation.
func Connectors() []Connector { return append([]Connector(nil), connectors...) }

// Find gives the connector of a format; one that PySpark has and we lack, or nobody has, raises.
func Find(format string) (*Connector, error) {
	for i := range connectors {
		if strings.EqualFold(connectors[i].Name, format) {
			return &connectors[i], nil
		}
	}
	for _, name := range sourcesOnly {
		if strings.EqualFold(name, format) {
			return nil, errs.New("_LEGACY_ERROR_TEMP_2049", "className", name, "operator", "writing")
		}
	}
	for _, name := range lacking {
		if strings.EqualFold(name, format) {
			return nil, errs.NotBuilt("the sink " + name)
		}
	}
	return nil, errs.New("DATA_SOURCE_NOT_FOUND", "provider", format)
}

// Open opens a sink.
func Open(ctx context.Context, format string, e *Env) (Sink, error) {
	c, err := Find(format)
	if err != nil {
		return nil, err
	}
	if err := refuse(c.Name, c.Options, e); err != nil {
		return nil, err
	}
	return c.Open(ctx, e)
}

func refuse(name string, options []Option, e *Env) error {
	for _, o := range options {
		if _, ok := e.option(o.Name); ok && o.Refused {
			return errs.NotBuilt("the option " + o.Name + " of the sink " + name)
		}
	}
	return nil
}

func (e *Env) option(name string) (string, bool) {
	best, found := "", false
	for k := range e.Options {
		// Of two spellings the last in order wins, so that the answer does not depend on chance.
		if strings.EqualFold(k, name) && (!found || k > best) {
			best, found = k, true
		}
	}
	return e.Options[best], found
}

// fileOptions are those of every file sink.
var fileOptions = []Option{
	{Name: "path", Doc: "the folder; must be given"},
	{Name: "compression", Doc: "codec of the files"},
	{Name: "maxRecordsPerFile", Default: "0", Doc: "rows of a file at most; 0 is no limit"},
	{Name: "retention", Doc: "age at which entries leave the log of a stream's output"},
	{Name: "partitionOverwriteMode", Default: "spark.sql.sources.partitionOverwriteMode", Doc: "dynamic: overwrite only the folders that get rows"},
}

var parquetOptions = append([]Option{
	{Name: "parquet.compression", Doc: "as compression, which is stronger"},
	{Name: "parquet.enable.dictionary", Default: "false", Doc: "encode columns by dictionaries"},
	{Name: "parquet.block.size", Doc: "no meaning here: row groups have a million rows"},
}, fileOptions...)

// jsonOptions lists what is the sink's; those of the text are format/json's and go there.
var jsonOptions = fileOptions

// csvOptions lists what is the sink's; those of the text are format/csv's and go there.
var csvOptions = append([]Option{{Name: "codec", Doc: "as compression, which is stronger"}}, fileOptions...)

var textOptions = append([]Option{{Name: "lineSep", Default: `\n`, Doc: "what ends a line"}}, fileOptions...)

var consoleOptions = []Option{
	{Name: "numRows", Default: "20", Doc: "rows shown of an epoch"},
	{Name: "truncate", Default: "true", Doc: "cut cells to 20 characters"},
}
