// Package types is Spark's type system and its Arrow form.
//
// It is not a coercion engine (expr decides casts) and not a parser of SQL. Everyone calls it.
// Invariants: a Type is immutable and comparable through Equal; Arrow maps it to exactly one
// Arrow type and FromArrow maps that back.
package types

import (
	"fmt"
	"slices"
	"strings"
)

// Kind tells types apart in a switch.
type Kind uint8

const (
	KNull Kind = iota
	KBoolean
	KByte
	KShort
	KInt
	KLong
	KFloat
	KDouble
	KDecimal
	KString
	KBinary
	KDate
	KTimestamp
	KTimestampNTZ
	KArray
	KMap
	KStruct
	KYearMonthInterval
	KDayTimeInterval
	KCalendarInterval
)

// Type is a Spark SQL type. String is its simpleString ("bigint", "array<int>").
type Type interface {
	Kind() Kind
	String() string
}

// Primitive is a type without parameters.
type Primitive Kind

const (
	Null         = Primitive(KNull)
	Boolean      = Primitive(KBoolean)
	Byte         = Primitive(KByte)
	Short        = Primitive(KShort)
	Int          = Primitive(KInt)
	Long         = Primitive(KLong)
	Float        = Primitive(KFloat)
	Double       = Primitive(KDouble)
	String       = Primitive(KString)
	Binary       = Primitive(KBinary)
	Date         = Primitive(KDate)
	Timestamp    = Primitive(KTimestamp)
	TimestampNTZ = Primitive(KTimestampNTZ)
	// CalendarInterval is months, days and microseconds, the type of INTERVAL literals in windows and delays.
	CalendarInterval = Primitive(KCalendarInterval)
	// DayTimeInterval is microseconds (INTERVAL DAY TO SECOND).
	DayTimeInterval = Primitive(KDayTimeInterval)
	// YearMonthInterval is months (INTERVAL YEAR TO MONTH).
	YearMonthInterval = Primitive(KYearMonthInterval)
)

func (p Primitive) Kind() Kind { return Kind(p) }

func (p Primitive) String() string {
	switch Kind(p) {
	case KNull:
		return "void"
	case KBoolean:
		return "boolean"
	case KByte:
		return "tinyint"
	case KShort:
		return "smallint"
	case KInt:
		return "int"
	case KLong:
		return "bigint"
	case KFloat:
		return "float"
	case KDouble:
		return "double"
	case KString:
		return "string"
	case KBinary:
		return "binary"
	case KDate:
		return "date"
	case KTimestamp:
		return "timestamp"
	case KTimestampNTZ:
		return "timestamp_ntz"
	case KCalendarInterval:
		return "interval"
	case KDayTimeInterval:
		return "interval day to second"
	case KYearMonthInterval:
		return "interval year to month"
	}
	return fmt.Sprintf("type(%d)", p)
}

// Decimal is a fixed-point number: 1 <= Precision <= 38, Scale <= Precision.
type Decimal struct{ Precision, Scale int }

func (Decimal) Kind() Kind       { return KDecimal }
func (d Decimal) String() string { return fmt.Sprintf("decimal(%d,%d)", d.Precision, d.Scale) }

// Array is a list of one element type.
type Array struct {
	Elem         Type
	ContainsNull bool
}

func (Array) Kind() Kind       { return KArray }
func (a Array) String() string { return "array<" + a.Elem.String() + ">" }

// Map has unique non-null keys.
type Map struct {
	Key, Value        Type
	ValueContainsNull bool
}

func (Map) Kind() Kind       { return KMap }
func (m Map) String() string { return "map<" + m.Key.String() + "," + m.Value.String() + ">" }

// Field is one member of a struct, or one column of a frame.
type Field struct {
	Name     string
	Type     Type
	Nullable bool
	// Metadata is a JSON object's text, or empty.
	Metadata string
}

// Struct is an ordered list of fields; it is also a frame's schema.
type Struct struct{ Fields []Field }

func (Struct) Kind() Kind { return KStruct }
func (s Struct) String() string {
	var b strings.Builder
	b.WriteString("struct<")
	for i, f := range s.Fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f.Name + ":" + f.Type.String())
	}
	return b.String() + ">"
}

// SQL is the form error messages show: "BIGINT", "ARRAY<INT>", "STRUCT<a: INT>".
func SQL(t Type) string {
	switch t := t.(type) {
	case Array:
		return "ARRAY<" + SQL(t.Elem) + ">"
	case Map:
		return "MAP<" + SQL(t.Key) + ", " + SQL(t.Value) + ">"
	case Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Name + ": " + SQL(f.Type)
			if !f.Nullable {
				parts[i] += " NOT NULL"
			}
		}
		return "STRUCT<" + strings.Join(parts, ", ") + ">"
	}
	return strings.ToUpper(t.String())
}

// Equal compares types with all their parts, nullability aside.
func Equal(a, b Type) bool {
	if a == nil || b == nil || a.Kind() != b.Kind() {
		return a == nil && b == nil
	}
	switch a := a.(type) {
	case Decimal:
		return a == b.(Decimal)
	case Array:
		return Equal(a.Elem, b.(Array).Elem)
	case Map:
		return Equal(a.Key, b.(Map).Key) && Equal(a.Value, b.(Map).Value)
	case Struct:
		o := b.(Struct)
		if len(a.Fields) != len(o.Fields) {
			return false
		}
		for i := range a.Fields {
			if a.Fields[i].Name != o.Fields[i].Name || !Equal(a.Fields[i].Type, o.Fields[i].Type) {
				return false
			}
		}
	}
	return true
}

// IsIntegral, IsFractional and IsNumeric are Spark's groups.
func IsIntegral(t Type) bool { k := t.Kind(); return k >= KByte && k <= KLong }
func IsFractional(t Type) bool {
	k := t.Kind()
	return k == KFloat || k == KDouble || k == KDecimal
}
func IsNumeric(t Type) bool { return IsIntegral(t) || IsFractional(t) }

// HasMap says that a map is in the type: such values have no equality.
func HasMap(t Type) bool {
	switch t := t.(type) {
	case Map:
		return true
	case Array:
		return HasMap(t.Elem)
	case Struct:
		return slices.ContainsFunc(t.Fields, func(f Field) bool { return HasMap(f.Type) })
	}
	return false
}

// IsAtomic is any type without parts.
func IsAtomic(t Type) bool {
	k := t.Kind()
	return k != KNull && k != KArray && k != KMap && k != KStruct
}
