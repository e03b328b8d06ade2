// Package csv turns CSV text into columns and columns into CSV text, by Spark's rules.
//
// It opens no file and knows no source: sources, sinks and the functions from_csv and to_csv call it. Values go straight
// from the text into Arrow memory; columns that nobody asked for are passed over.
// Invariants: a value that does not fit its column is null and the rest of its record is kept; how many values a record
// has matters only where all of them are read; what a decoder was given is never kept, only copied.
package csv

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// manyColumns is what a record has at most unless maxColumns says otherwise.
const manyColumns = 20480

// handling is what becomes of a quote that stands where none may.
type handling uint8

const (
	stopAtDelimiter handling = iota
	stopAtClosingQuote
	backToDelimiter
	skipValue
	raiseError
)

// Options are the reader's and writer's options, read once.
type Options struct {
	Mode    format.Mode
	Corrupt string
	Zone    *time.Location
	Charset format.Charset
	// Header says that a file's first line names the columns; Enforce that these names do not matter.
	Header, Enforce bool
	// MultiLine lets quoted values hold line ends; LineSep is empty for \n, \r\n and \r.
	MultiLine bool
	LineSep   string
	// Pruning lets the reader pass over columns that nobody asked for.
	Pruning  bool
	Infer    bool
	Sampling float64
	// NTZ makes inference prefer timestamps without a zone.
	NTZ           bool
	CaseSensitive bool

	sep                                              string
	quote, escape, escapeEscape, comment             rune
	trimStart, trimEnd, writeTrimStart, writeTrimEnd bool
	null, nan, posInf, negInf                        string
	empty                                            string
	nullText, emptyText                              []byte
	emptyGiven                                       bool
	maxColumns, maxChars                             int
	unescaped                                        handling
	preferDate                                       bool
	fallback                                         *bool
	quoteAll, escapeQuotes                           bool
	extension                                        string

	timestamp, ntz, date *types.Pattern
	formats              map[string]string
}

// Env is what the session says where the options are silent.
type Env struct {
	Zone          *time.Location
	Corrupt       string
	Pruning       bool
	NTZ           bool
	CaseSensitive bool
}

// ParseOptions reads a reader's options by name, in any case; those it does not know belong to the source.
func ParseOptions(given map[string]string, env Env) (*Options, error) {
	o, err := readOptions(given, env)
	if err != nil {
		return nil, err
	}
	for name, to := range map[string]**types.Pattern{"timestampformat": &o.timestamp, "timestampntzformat": &o.ntz, "dateformat": &o.date} {
		if text, ok := o.formats[name]; ok {
			*to, err = types.CompilePattern(text, true)
			if e := errs.As(err); e != nil && e.Name == "INVALID_DATETIME_PATTERN.WITH_SUGGESTION" {
				return nil, err
			}
			if err != nil { // a pattern that is none fits no text
				*to, err = types.CompilePattern(format.FitsNothing, true)
			}
		}
	}
	return o, nil
}

// readOptions leaves the patterns as text, since reading and writing compile them differently.
func readOptions(given map[string]string, env Env) (*Options, error) {
	o := &Options{Corrupt: env.Corrupt, Zone: env.Zone, Enforce: true, NTZ: env.NTZ, CaseSensitive: env.CaseSensitive, Sampling: 1,
		sep: ",", quote: '"', escape: '\\', nan: "NaN", posInf: "Inf", negInf: "-Inf", maxColumns: manyColumns, maxChars: -1,
		writeTrimStart: true, writeTrimEnd: true, preferDate: true, escapeQuotes: true, extension: "csv", formats: map[string]string{}}
	if o.Corrupt == "" {
		o.Corrupt = format.DefaultCorrupt
	}
	lower := map[string]string{}
	for name, value := range given {
		lower[strings.ToLower(name)] = value
	}
	for _, step := range []func(map[string]string) error{o.separators, o.flags, o.modes, o.numbers, o.texts} {
		if err := step(lower); err != nil {
			return nil, err
		}
	}
	if text, ok := lower["columnpruning"]; ok {
		v, err := boolean("columnPruning", text)
		if err != nil {
			return nil, err
		}
		o.Pruning = v
	} else {
		o.Pruning = env.Pruning && !o.MultiLine
	}
	return o, nil
}

// separators reads what structures the text.
func (o *Options) separators(given map[string]string) (err error) {
	if v, ok := first(given, "sep", "delimiter"); ok {
		if o.sep, err = delimiter(v); err != nil {
			return err
		}
	}
	for name, to := range map[string]*rune{"quote": &o.quote, "escape": &o.escape, "comment": &o.comment} {
		if err := character(given, name, to); err != nil {
			return err
		}
	}
	o.escapeEscape = o.escape
	if o.quote == o.escape {
		o.escapeEscape = 0
	}
	if given["chartoescapequoteescaping"] != "" {
		if err := character(given, "charToEscapeQuoteEscaping", &o.escapeEscape); err != nil {
			return err
		}
	}
	if v, ok := given["linesep"]; ok {
		switch n := units(v); {
		case n == 0:
			return errs.New("INVALID_LINE_SEPARATOR.EMPTY")
		case n > 2:
			return errs.New("INVALID_LINE_SEPARATOR.TOO_LONG", "length", strconv.Itoa(n))
		}
		o.LineSep = v
	}
	return nil
}

// flags are the options of two values.
func (o *Options) flags(given map[string]string) error {
	for name, to := range map[string][]*bool{
		"header": {&o.Header}, "inferSchema": {&o.Infer}, "enforceSchema": {&o.Enforce}, "quoteAll": {&o.quoteAll}, "escapeQuotes": {&o.escapeQuotes},
		"ignoreLeadingWhiteSpace": {&o.trimStart, &o.writeTrimStart}, "ignoreTrailingWhiteSpace": {&o.trimEnd, &o.writeTrimEnd}, "preferDate": {&o.preferDate},
	} {
		if text, ok := given[strings.ToLower(name)]; ok {
			v, err := boolean(name, text)
			if err != nil {
				return err
			}
			for _, t := range to {
				*t = v
			}
		}
	}
	if text, ok := given["multiline"]; ok {
		v, err := scalaBoolean(text)
		if err != nil {
			return err
		}
		o.MultiLine = v
	}
	if text, ok := given["enabledatetimeparsingfallback"]; ok {
		v, err := scalaBoolean(text)
		if err != nil {
			return err
		}
		o.fallback = &v
	}
	return nil
}

func (o *Options) modes(given map[string]string) error {
	switch strings.ToUpper(given["mode"]) {
	case "DROPMALFORMED":
		o.Mode = format.DropMalformed
	case "FAILFAST":
		o.Mode = format.FailFast
	}
	if v, ok := given["unescapedquotehandling"]; ok {
		at := -1
		for i, name := range []string{"STOP_AT_DELIMITER", "STOP_AT_CLOSING_QUOTE", "BACK_TO_DELIMITER", "SKIP_VALUE", "RAISE_ERROR"} {
			if strings.ToUpper(v) == name {
				at = i
			}
		}
		if at < 0 {
			return errs.New(errs.Unnamed+"OPTION_TEXT", "message", "No enum constant com.univocity.parsers.csv.UnescapedQuoteHandling."+strings.ToUpper(v))
		}
		o.unescaped = handling(at)
	}
	if v, ok := given["locale"]; ok {
		if l := strings.ToLower(v); l != "en-us" && l != "en" {
			return errs.NotBuilt("the CSV option locale = " + v)
		}
	}
	if v, ok := first(given, "singlevariantcolumn"); ok {
		return errs.NotBuilt("the CSV option singleVariantColumn = " + v)
	}
	if o.unescaped == backToDelimiter && o.MultiLine {
		return errs.NotBuilt("the CSV option unescapedQuoteHandling = BACK_TO_DELIMITER with multiLine")
	}
	return nil
}

func (o *Options) numbers(given map[string]string) (err error) {
	for name, to := range map[string]*int{"maxColumns": &o.maxColumns, "maxCharsPerColumn": &o.maxChars} {
		if text, ok := given[strings.ToLower(name)]; ok {
			v, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				return errs.New("_LEGACY_ERROR_TEMP_2146", "paramName", name, "value", text)
			}
			*to = int(v)
		}
	}
	if text, ok := given["inputbuffersize"]; ok { // how Spark reads; here it has no meaning
		if _, err := strconv.ParseInt(text, 10, 32); err != nil {
			return errs.New(errs.Unnamed+"OPTION_NUMBER", "value", text, "option", "inputBufferSize")
		}
	}
	if text, ok := given["samplingratio"]; ok {
		if o.Sampling, err = strconv.ParseFloat(text, 64); err != nil {
			return errs.New(errs.Unnamed+"OPTION_NUMBER", "value", text, "option", "samplingRatio")
		}
	}
	return nil
}

func (o *Options) texts(given map[string]string) (err error) {
	for name, to := range map[string]*string{"columnnameofcorruptrecord": &o.Corrupt, "nullvalue": &o.null, "nanvalue": &o.nan,
		"positiveinf": &o.posInf, "negativeinf": &o.negInf} {
		if v, ok := given[name]; ok {
			*to = v
		}
	}
	o.empty, o.emptyGiven = given["emptyvalue"]
	o.nullText, o.emptyText = []byte(o.null), []byte(o.empty)
	if v, ok := given["timezone"]; ok {
		z, found := zone.Find(v)
		if !found {
			return errs.New("INVALID_TIMEZONE", "timeZone", v)
		}
		o.Zone = z
	}
	if v, ok := first(given, "encoding", "charset"); ok {
		if o.Charset, err = format.FindCharset(v, "CSVOptions"); err != nil {
			return err
		}
	}
	for _, name := range []string{"timestampformat", "timestampntzformat", "dateformat"} {
		if v, ok := given[name]; ok {
			o.formats[name] = v
		}
	}
	if v, ok := given["extension"]; ok {
		o.extension = v
	}
	return nil
}

// Sampled refuses a share of the records that is none.
func (o *Options) Sampled() error {
	if o.Sampling <= 0 {
		return requirement("samplingRatio (" + strconv.FormatFloat(o.Sampling, 'f', 1, 64) + ") should be greater than 0")
	}
	return nil
}

func first(given map[string]string, names ...string) (string, bool) {
	for _, n := range names {
		if v, ok := given[n]; ok {
			return v, true
		}
	}
	return "", false
}

func character(given map[string]string, name string, to *rune) error {
	v, ok := given[strings.ToLower(name)]
	if !ok {
		return nil
	}
	if units(v) > 1 {
		return errs.New("OPTION_VALUE_EXCEEDS_ONE_CHARACTER", "paramName", name, "actualValue", v)
	}
	*to = 0
	if v != "" {
		*to, _ = utf8.DecodeRuneInString(v)
	}
	return nil
}

func boolean(name, text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errs.New(errs.Unnamed+"OPTION_TEXT", "message", name+" flag can be true or false.")
}

// scalaBoolean is what the options are read with that are not read with their name at hand.
func scalaBoolean(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errs.New(errs.Unnamed+"OPTION_TEXT", "message", `For input string: "`+text+`"`)
}

func requirement(text string) error {
	return errs.New("_LEGACY_ERROR_UNNAMED_REQUIREMENT", "message", "requirement failed: "+text)
}

// units is a text's length in Java.
func units(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > math.MaxUint16 {
			n++
		}
	}
	return n
}

// delimiter reads the option sep, in which a backslash makes some characters speakable.
func delimiter(text string) (string, error) {
	if text == `\` {
		return "", singleBackslash()
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out.WriteByte(text[i])
			continue
		}
		if i++; i == len(text) {
			return "", singleBackslash()
		}
		c, ok := map[byte]byte{'t': '\t', 'r': '\r', 'b': '\b', 'f': '\f', '"': '"', '\'': '\'', '\\': '\\'}[text[i]]
		if !ok {
			return "", errs.New("INVALID_DELIMITER_VALUE.UNSUPPORTED_SPECIAL_CHARACTER", "str", text[i-1:i+1])
		}
		out.WriteByte(c)
	}
	return out.String(), nil
}

func singleBackslash() error {
	return errs.New(errs.Unnamed+"OPTION_TEXT", "message", "A single backslash is no separator: it begins what speaks of a character. Write two for the backslash itself.")
}
