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

// connectors is the catalog of sinks that are opened by name and options alone. Memory, Noop
// and Callback (console, foreachBatch) are made by the session, which gives them more.
var connectors = []Connector{
	{"parquet", parquetOptions, openFiles("parquet")},
	{"json", jsonOptions, openFiles("json")},
	{"text", textOptions, openFiles("text")},
}

// lacking are sinks that PySpark has and we do not.
var lacking = []string{"csv", "orc", "avro", "xml", "kafka", "delta", "iceberg", "jdbc", "hive", "foreach"}

// Connectors gives the catalog, for documentation.
func Connectors() []Connector { return append([]Connector(nil), connectors...) }

// Find gives the connector of a format; one that PySpark has and we lack, or nobody has, raises.
func Find(format string) (*Connector, error) {
	for i := range connectors {
		if strings.EqualFold(connectors[i].Name, format) {
			return &connectors[i], nil
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
	{Name: "retention", Doc: "age at which entries leave the log", Refused: true},
}

var parquetOptions = append([]Option{
	{Name: "parquet.compression", Doc: "as compression, which is stronger"},
	{Name: "parquet.enable.dictionary", Default: "false", Doc: "encode columns by dictionaries"},
	{Name: "parquet.block.size", Doc: "no meaning here: row groups have a million rows"},
}, fileOptions...)

// jsonOptions lists what is the sink's; those of the text are format/json's and go there.
var jsonOptions = fileOptions

var textOptions = append([]Option{{Name: "lineSep", Default: `\n`, Doc: "what ends a line"}}, fileOptions...)
