package source

import (
	"context"
	"strings"

	"pysparkcompat/engine/errs"
)

// Connector is one line of the catalog.
type Connector struct {
	Name string
	// Options are those it knows. Others are kept and ignored, as in Spark.
	Options []Option
	// Table opens it as a batch source, Stream as an unbounded one; nil where it is not that.
	Table  func(ctx context.Context, e *Env) (Table, error)
	Stream func(ctx context.Context, e *Env) (Definition, error)
	// Files says that it reads a folder, which SQL may name in the place of a table.
	Files bool
}

// Option is one option of a connector.
type Option struct {
	Name, Default, Doc string
	// Refused says which values change the answer and are not built; nil refuses none.
	Refused func(value string) bool
}

// connectors is the catalog.
var connectors = []Connector{
	{"parquet", parquetOptions, openFiles(parquetFormat{}), streamFiles(parquetFormat{}), true},
	{"json", jsonOptions, openFiles(jsonFormat{}), streamFiles(jsonFormat{}), true},
	{"csv", csvOptions, openFiles(csvFormat{}), streamFiles(csvFormat{}), true},
	{"text", textOptions, openFiles(textFormat{}), streamFiles(textFormat{}), true},
	{"rate", rateOptions, nil, openRate, false},
	{"rate-micro-batch", rateBatchOptions, nil, openRateBatch, false},
	{"socket", socketOptions, socketTable, openSocket, false},
	{"statestore", stateOptions, openStateStore, nil, false},
	{"state-metadata", stateMetadataOptions, openStateMetadata, nil, false},
}

// lacking are sources that PySpark has and we do not.
var lacking = []string{"orc", "avro", "xml", "binaryfile", "jdbc", "kafka", "delta", "iceberg", "hive", "libsvm", "image"}

// sinksOnly are formats that are written and never read.
var sinksOnly = []string{"console", "noop"}

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
			return nil, errs.NotBuilt("the data source " + name)
		}
	}
	return nil, errs.New("DATA_SOURCE_NOT_FOUND", "provider", format)
}

// OpenTable opens a batch source.
func OpenTable(ctx context.Context, format string, e *Env) (Table, error) {
	c, err := Find(format)
	if err != nil {
		return nil, err
	}
	if c.Table == nil {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1135", "className", format)
	}
	if err := c.check(e); err != nil {
		return nil, err
	}
	return c.Table(ctx, e)
}

// OpenStream opens a stream source for analysis.
func OpenStream(ctx context.Context, format string, e *Env) (Definition, error) {
	for _, name := range sinksOnly {
		if strings.EqualFold(name, format) {
			return nil, errs.New("_LEGACY_ERROR_TEMP_2049", "className", name, "operator", "reading")
		}
	}
	c, err := Find(format)
	if err != nil {
		return nil, err
	}
	if c.Stream == nil && strings.HasPrefix(c.Name, "state") {
		return nil, errs.New("_LEGACY_ERROR_TEMP_2049", "className", c.Name, "operator", "reading")
	}
	if c.Stream == nil {
		return nil, errs.New(errs.Unnamed+"NO_STREAM", "className", format)
	}
	if err := c.check(e); err != nil {
		return nil, err
	}
	return c.Stream(ctx, e)
}

func (c *Connector) check(e *Env) error {
	for _, o := range c.Options {
		if o.Refused == nil {
			continue
		}
		if v, ok := e.option(o.Name); ok && o.Refused(v) {
			return errs.NotBuilt("the option " + o.Name + "=" + v + " of the source " + c.Name)
		}
	}
	return nil
}

// fileOptions are those of every file source.
var fileOptions = []Option{
	{Name: "path", Doc: "what load() reads"},
	{Name: "basePath", Doc: "the folder below which folder names are partition columns"},
	{Name: "pathGlobFilter", Doc: "only files whose names match"},
	{Name: "recursiveFileLookup", Default: "false", Doc: "look into all folders, infer no partition columns"},
	{Name: "modifiedBefore", Doc: "only files changed before this time"},
	{Name: "modifiedAfter", Doc: "only files changed after this time"},
	{Name: "ignoreMissingFiles", Default: "spark.sql.files.ignoreMissingFiles", Doc: "pass over files that vanish"},
	{Name: "ignoreCorruptFiles", Default: "spark.sql.files.ignoreCorruptFiles", Doc: "pass over files that cannot be read"},
	{Name: "maxFilesPerTrigger", Doc: "files an epoch takes at most"},
	{Name: "maxBytesPerTrigger", Doc: "bytes an epoch takes about"},
	{Name: "latestFirst", Default: "false", Doc: "take the newest files first"},
	{Name: "maxFileAge", Default: "7d", Doc: "files this much older than the newest are passed over"},
	{Name: "fileNameOnly", Default: "false", Doc: "files of one name are one file, whatever their folder"},
	{Name: "maxCachedFiles", Default: "10000", Doc: "no meaning here: a listing is never stale"},
	{Name: "discardCachedInputRatio", Default: "0.2", Doc: "no meaning here"},
	{Name: "cleanSource", Default: "off", Doc: "what to do with files that were read: off, archive or delete"},
	{Name: "sourceArchiveDir", Doc: "where cleanSource=archive moves files"},
}

var parquetOptions = append([]Option{
	{Name: "mergeSchema", Default: "spark.sql.parquet.mergeSchema", Doc: "infer from all files, not from one"},
	{Name: "datetimeRebaseMode", Default: "EXCEPTION", Doc: "calendar of old dates", Refused: legacy},
	{Name: "int96RebaseMode", Default: "EXCEPTION", Doc: "calendar of old timestamps", Refused: legacy},
}, fileOptions...)

func legacy(v string) bool { return strings.EqualFold(v, "legacy") }

// jsonOptions lists what is the source's; those of the records are format/json's and go there.
var jsonOptions = fileOptions

// csvOptions lists what is the source's; those of the records are format/csv's and go there.
var csvOptions = fileOptions

var textOptions = append([]Option{
	{Name: "lineSep", Default: `\n, \r\n or \r`, Doc: "what ends a line"},
	{Name: "wholetext", Default: "false", Doc: "a file is one row"},
}, fileOptions...)
