// Package json turns JSON text into columns and columns into JSON text, by Spark's rules.
//
// It opens no file and knows no source: sources, sinks and the functions from_json and to_json call it. Values go
// straight from the text into Arrow memory; fields that nobody asked for are checked and passed over.
// Invariants: a field whose value does not fit is null and the rest of its record is kept; text that is no JSON
// nulls its whole record; what a decoder was given is never kept, only copied.
package json

import (
	"strconv"
	"strings"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Options are the reader's and writer's options, read once.
type Options struct {
	Mode    format.Mode
	Corrupt string
	Zone    *time.Location
	// MultiLine makes a whole file one record; LineSep is empty for \n, \r\n and \r.
	MultiLine bool
	LineSep   string

	Comments, UnquotedNames, SingleQuotes, LeadingZeros, AnyEscape, ControlChars, NonNumeric bool

	PrimitivesAsString, PrefersDecimal, DropAllNull, InferTimestamp bool
	Sampling                                                        float64

	IgnoreNulls, Pretty bool

	// Charset is what the text is encoded by, sep LineSep in it.
	Charset format.Charset
	sep     []byte
	// fallback says whether text which does not fit a pattern is read as a cast would read it; nil: where none is given.
	fallback *bool

	encoding             string
	timestamp, ntz, date *types.Pattern
	formats              map[string]string
}

// flags are the boolean options and where each is kept.
func (o *Options) flags() map[string]*bool {
	return map[string]*bool{"multiline": &o.MultiLine, "allowcomments": &o.Comments, "allowunquotedfieldnames": &o.UnquotedNames,
		"allowsinglequotes": &o.SingleQuotes, "allownumericleadingzeros": &o.LeadingZeros,
		"allowbackslashescapinganycharacter": &o.AnyEscape, "allowunquotedcontrolchars": &o.ControlChars,
		"allownonnumericnumbers": &o.NonNumeric, "primitivesasstring": &o.PrimitivesAsString, "prefersdecimal": &o.PrefersDecimal,
		"dropfieldifallnull": &o.DropAllNull, "infertimestamp": &o.InferTimestamp, "ignorenullfields": &o.IgnoreNulls, "pretty": &o.Pretty,
		"useunsaferow": new(bool)} // how Spark lays rows out: it has no meaning here
}

// ParseOptions reads a reader's options by name, in any case; those it does not know belong to the source.
// session is the session's time zone.
func ParseOptions(given map[string]string, session *time.Location) (*Options, error) {
	o, err := readOptions(given, session)
	if err != nil {
		return nil, err
	}
	if err := o.encode("JSONOptionsInRead", !o.MultiLine); err != nil {
		return nil, err
	}
	return o, o.compile()
}

// readOptions leaves the patterns as text, since reading and writing compile them differently.
func readOptions(given map[string]string, session *time.Location) (*Options, error) {
	o := &Options{Corrupt: format.DefaultCorrupt, Zone: session, SingleQuotes: true, NonNumeric: true, IgnoreNulls: true, Sampling: 1,
		formats: map[string]string{}}
	flags := o.flags()
	for name, value := range given {
		name = strings.ToLower(name)
		if flag, ok := flags[name]; ok {
			b, err := strconv.ParseBool(strings.ToLower(value))
			if err != nil {
				return nil, errs.New(errs.Unnamed+"OPTION_BOOL", "value", value, "option", name)
			}
			*flag = b
			continue
		}
		if err := o.set(name, value); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// lacking are options that PySpark has and we do not.
var lacking = map[string]string{"sortkeys": "sortKeys", "writenonasciicharacterascodepoint": "writeNonAsciiCharacterAsCodePoint",
	"maxnestingdepth": "maxNestingDepth", "maxstringlen": "maxStringLen", "maxnumlen": "maxNumLen"}

func (o *Options) set(name, value string) (err error) {
	switch name {
	case "mode":
		switch strings.ToUpper(value) {
		case "DROPMALFORMED":
			o.Mode = format.DropMalformed
		case "FAILFAST":
			o.Mode = format.FailFast
		}
	case "columnnameofcorruptrecord":
		o.Corrupt = value
	case "linesep":
		o.LineSep = value
		if value == "" {
			return requirement("'lineSep' cannot be an empty string.")
		}
	case "timezone":
		z, ok := zone.Find(value)
		if !ok {
			return errs.New("INVALID_TIMEZONE", "timeZone", value)
		}
		o.Zone = z
	case "samplingratio":
		if o.Sampling, err = strconv.ParseFloat(value, 64); err != nil {
			return errs.New(errs.Unnamed+"OPTION_NUMBER", "value", value, "option", "samplingRatio")
		}
		if o.Sampling <= 0 {
			return requirement("samplingRatio (" + strconv.FormatFloat(o.Sampling, 'f', 1, 64) + ") should be greater than 0")
		}
	case "encoding", "charset":
		if o.encoding == "" || name == "encoding" {
			o.encoding = value
		}
	case "locale":
		if l := strings.ToLower(strings.ReplaceAll(value, "_", "-")); l != "en-us" && l != "en" {
			return errs.NotBuilt("the JSON option locale = " + value)
		}
	case "enabledatetimeparsingfallback":
		v, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return errs.New(errs.Unnamed+"OPTION_BOOL", "value", value, "option", "enableDateTimeParsingFallback")
		}
		o.fallback = &v
	case "sortkeys", "writenonasciicharacterascodepoint", "maxnestingdepth", "maxstringlen", "maxnumlen":
		if !strings.EqualFold(value, "false") {
			return errs.NotBuilt("the JSON option " + lacking[name])
		}
	case "singlevariantcolumn":
		return errs.NotBuilt("the JSON option singleVariantColumn = " + value)
	case "timestampformat", "timestampntzformat", "dateformat":
		o.formats[name] = value
	}
	return nil
}

// falls says whether text that does not fit is tried as a cast would read it; given says that there is a pattern.
func (o *Options) falls(given bool) bool {
	if o.fallback != nil {
		return *o.fallback
	}
	return !given
}

func requirement(text string) error {
	return errs.New("_LEGACY_ERROR_UNNAMED_REQUIREMENT", "message", "requirement failed: "+text)
}

// encode settles the encoding. Where lines are to be cut, PySpark wants to know at what.
func (o *Options) encode(reader string, cuts bool) (err error) {
	if o.encoding != "" {
		if o.Charset, err = format.FindCharset(o.encoding, reader); err != nil {
			return err
		}
	}
	o.sep = o.Charset.Encode(nil, []byte(o.LineSep))
	switch n := o.Charset.Name; {
	case cuts && (n == "UTF-16" || n == "UTF-32"):
		return requirement("The " + n + " encoding must not be included in the denyList when multiLine is disabled:\ndenylist: UTF-16, UTF-32")
	case cuts && n != "" && o.LineSep == "":
		return requirement("The lineSep option must be specified for the " + n + " encoding")
	}
	return nil
}

// compile reads the patterns for parsing; the encoder compiles its own for formatting.
func (o *Options) compile() (err error) {
	for name, to := range map[string]**types.Pattern{"timestampformat": &o.timestamp, "timestampntzformat": &o.ntz, "dateformat": &o.date} {
		if text, ok := o.formats[name]; ok {
			*to, err = types.CompilePattern(text, true)
			if e := errs.As(err); e != nil && e.Name == "INVALID_DATETIME_PATTERN.WITH_SUGGESTION" {
				return err
			}
			if err != nil { // a pattern that is none fits no text
				*to, err = types.CompilePattern(format.FitsNothing, true)
			}
		}
	}
	return nil
}
