package types

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
)

// JSON is Spark's schema JSON of a type, members in the order that Spark writes them.
func JSON(t Type) string {
	var b strings.Builder
	writeJSON(&b, t)
	return b.String()
}

func writeJSON(b *strings.Builder, t Type) {
	switch t := t.(type) {
	case Struct:
		b.WriteString(`{"type":"struct","fields":[`)
		for i, f := range t.Fields {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`{"name":` + quoteJSON(f.Name) + `,"type":`)
			writeJSON(b, f.Type)
			b.WriteString(`,"nullable":` + strconv.FormatBool(f.Nullable) + `,"metadata":`)
			if f.Metadata == "" {
				b.WriteString("{}}")
			} else {
				b.WriteString(f.Metadata + "}")
			}
		}
		b.WriteString("]}")
	case Array:
		b.WriteString(`{"type":"array","elementType":`)
		writeJSON(b, t.Elem)
		b.WriteString(`,"containsNull":` + strconv.FormatBool(t.ContainsNull) + `}`)
	case Map:
		b.WriteString(`{"type":"map","keyType":`)
		writeJSON(b, t.Key)
		b.WriteString(`,"valueType":`)
		writeJSON(b, t.Value)
		b.WriteString(`,"valueContainsNull":` + strconv.FormatBool(t.ValueContainsNull) + `}`)
	default:
		b.WriteString(`"` + jsonName(t) + `"`)
	}
}

// jsonName is the typeName of an atomic type, which for integers differs from its simpleString.
func jsonName(t Type) string {
	switch t.Kind() {
	case KByte:
		return "byte"
	case KShort:
		return "short"
	case KInt:
		return "integer"
	case KLong:
		return "long"
	}
	return t.String()
}

func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// FromJSON reads Spark's schema JSON: a type's name in quotes or an object.
func FromJSON(text string) (Type, error) {
	t, err := fromJSON(json.RawMessage(text))
	if err == nil && !json.Valid([]byte(text)) {
		return nil, badJSON(text)
	}
	return t, err
}

func badJSON(text string) error { return errs.New("INVALID_JSON_DATA_TYPE", "invalidType", text) }

type jsonType struct {
	Type              string          `json:"type"`
	Fields            []jsonField     `json:"fields"`
	Elem              json.RawMessage `json:"elementType"`
	ContainsNull      bool            `json:"containsNull"`
	Key               json.RawMessage `json:"keyType"`
	Value             json.RawMessage `json:"valueType"`
	ValueContainsNull bool            `json:"valueContainsNull"`
}

type jsonField struct {
	Name     string          `json:"name"`
	Type     json.RawMessage `json:"type"`
	Nullable *bool           `json:"nullable"`
	Metadata json.RawMessage `json:"metadata"`
}

func fromJSON(text json.RawMessage) (Type, error) {
	var name string
	if json.Unmarshal(text, &name) == nil {
		return fromName(name)
	}
	var j jsonType
	if json.Unmarshal(text, &j) != nil {
		return nil, badJSON(string(text))
	}
	switch j.Type {
	case "array":
		e, err := fromJSON(j.Elem)
		return Array{Elem: e, ContainsNull: j.ContainsNull}, err
	case "map":
		k, err := fromJSON(j.Key)
		if err != nil {
			return nil, err
		}
		v, err := fromJSON(j.Value)
		return Map{Key: k, Value: v, ValueContainsNull: j.ValueContainsNull}, err
	case "struct":
		s := Struct{Fields: make([]Field, len(j.Fields))}
		for i, f := range j.Fields {
			t, err := fromJSON(f.Type)
			if err != nil {
				return nil, err
			}
			s.Fields[i] = Field{Name: f.Name, Type: t, Nullable: f.Nullable == nil || *f.Nullable, Metadata: metadata(f.Metadata)}
		}
		return s, nil
	case "udt":
		return nil, errs.NotBuilt("user-defined types")
	}
	return nil, badJSON(string(text))
}

func metadata(m json.RawMessage) string {
	if s := strings.TrimSpace(string(m)); s != "{}" && s != "null" {
		return s
	}
	return ""
}

var decimalName = regexp.MustCompile(`^decimal\(\s*(\d+)\s*,\s*(-?\d+)\s*\)$`)

func fromName(name string) (Type, error) {
	if m := decimalName.FindStringSubmatch(name); m != nil {
		p, _ := strconv.Atoi(m[1])
		s, _ := strconv.Atoi(m[2])
		return decimalType([]int{p, s})
	}
	switch name {
	case "null":
		return Null, nil
	case "struct", "array", "map":
		return nil, badJSON(name)
	}
	t, err := ParseType(name)
	if err != nil {
		if e := errs.As(err); e != nil && e.Name == "NOT_IMPLEMENTED" {
			return nil, err
		}
		return nil, badJSON(name)
	}
	return t, nil
}
