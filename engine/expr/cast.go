package expr

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Which casts exist, what they raise, and how one is put together from its parts.

// ansiKey is the setting that messages of strict evaluation name.
const ansiKey = `"spark.sql.ansi.enabled"`

// caster converts a column; the column is borrowed, the result is the caller's.
type caster func(c *Context, a arrow.Array) (arrow.Array, error)

// CanCast says that a cast between the types exists in this mode.
func CanCast(from, to types.Type, mode CastMode) bool {
	if types.Equal(from, to) || from.Kind() == types.KNull || to.Kind() == types.KString {
		return true
	}
	switch f := from.(type) {
	case types.Array:
		t, ok := to.(types.Array)
		return ok && CanCast(f.Elem, t.Elem, mode)
	case types.Map:
		t, ok := to.(types.Map)
		return ok && CanCast(f.Key, t.Key, mode) && CanCast(f.Value, t.Value, mode)
	case types.Struct:
		t, ok := to.(types.Struct)
		if !ok || len(t.Fields) != len(f.Fields) {
			return false
		}
		for i := range f.Fields {
			if !CanCast(f.Fields[i].Type, t.Fields[i].Type, mode) {
				return false
			}
		}
		return true
	}
	return canCastAtoms(from, to, mode == CastLegacy)
}

func canCastAtoms(from, to types.Type, legacy bool) bool {
	fk, tk := from.Kind(), to.Kind()
	if !types.IsAtomic(to) {
		return false
	}
	switch {
	case fk == types.KString:
		return tk != types.KNull
	case types.IsNumeric(from):
		return types.IsNumeric(to) || tk == types.KBoolean || tk == types.KTimestamp ||
			legacy && tk == types.KBinary && types.IsIntegral(from)
	case fk == types.KBoolean:
		return types.IsNumeric(to) || legacy && tk == types.KTimestamp
	case fk == types.KDate:
		return tk == types.KTimestamp || tk == types.KTimestampNTZ || legacy && (types.IsNumeric(to) || tk == types.KBoolean)
	case fk == types.KTimestamp:
		return tk == types.KDate || tk == types.KTimestampNTZ || types.IsNumeric(to) || legacy && tk == types.KBoolean
	case fk == types.KTimestampNTZ:
		return tk == types.KDate || tk == types.KTimestamp
	}
	return false
}

// CheckCast raises DATATYPE_MISMATCH where a typed cast does not exist.
func CheckCast(c *Cast) error {
	from, mode := c.Child.Type(), c.Mode
	if mode == CastSession {
		mode = CastANSI
	}
	if CanCast(from, c.To, mode) {
		return nil
	}
	pairs := []string{"sqlExpr", `"` + c.String() + `"`, "srcType", typeText(from), "targetType", typeText(c.To)}
	if mode != CastLegacy {
		if f := suggestion(from, c.To); f != "" {
			return errs.New("DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", append(pairs, "functionNames", "`"+f+"`")...)
		}
		if mode == CastANSI && CanCast(from, c.To, CastLegacy) {
			return errs.New("DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION", append(pairs, "config", ansiKey, "configVal", "'false'")...)
		}
	}
	return errs.New("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", pairs...)
}

// suggestion is the function that does what a strict cast does not.
func suggestion(from, to types.Type) string {
	switch {
	case from.Kind() == types.KDate && types.IsNumeric(to):
		return "UNIX_DATE"
	case types.IsNumeric(from) && to.Kind() == types.KDate:
		return "DATE_FROM_UNIX_DATE"
	}
	return ""
}

// typeText is a type as messages show it.
func typeText(t types.Type) string { return `"` + types.SQL(t) + `"` }

// castNulls says that a cast may make a null of a value.
func castNulls(from, to types.Type, mode CastMode) bool {
	fk, tk := from.Kind(), to.Kind()
	switch {
	case fk == types.KNull || types.Equal(from, to):
		return fk == types.KNull
	case tk == types.KString || fk == types.KString && tk == types.KBinary:
		return false
	case fk == types.KString || mode == CastTry:
		return true
	case fk == types.KArray || fk == types.KMap || fk == types.KStruct:
		return false
	case fk == types.KTimestamp && (tk == types.KByte || tk == types.KShort || tk == types.KInt):
		return true
	case (fk == types.KFloat || fk == types.KDouble) && tk == types.KTimestamp:
		return true
	case tk == types.KDate:
		return fk != types.KTimestamp
	case fk == types.KDate:
		return tk != types.KTimestamp
	case tk == types.KDecimal:
		return !castFitsDecimal(from, to.(types.Decimal))
	}
	return types.IsFractional(from) && types.IsIntegral(to)
}

func castFitsDecimal(from types.Type, to types.Decimal) bool {
	if from.Kind() == types.KBoolean {
		return to.Precision-to.Scale >= 1
	}
	if !types.IsNumeric(from) {
		return false
	}
	d := DecimalFor(from)
	// Where a digit before the point is to spare, rounding cannot overflow.
	return holds(to, from) || to.Precision-to.Scale > d.Precision-d.Scale
}

// Cast converts a column outside of a tree.
func (c *Context) Cast(a arrow.Array, from, to types.Type, mode CastMode) (arrow.Array, error) {
	f, err := newCaster(from, to, mode)
	if err != nil {
		return nil, err
	}
	return f(c, a)
}

// newCaster finds the conversion.
func newCaster(from, to types.Type, mode CastMode) (caster, error) {
	if mode == CastSession {
		mode = CastANSI
	}
	if !CanCast(from, to, mode) {
		return nil, errs.New("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", "sqlExpr", "CAST",
			"srcType", typeText(from), "targetType", typeText(to))
	}
	if types.Equal(from, to) {
		dt := types.Arrow(to)
		return func(_ *Context, a arrow.Array) (arrow.Array, error) { return batch.Retype(a, dt), nil }, nil
	}
	fk, tk := from.Kind(), to.Kind()
	switch {
	case fk == types.KNull:
		dt := types.Arrow(to)
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			return array.MakeArrayOfNull(c.Mem, dt, a.Len()), nil
		}, nil
	case tk == types.KString:
		return textCaster(from, mode), nil
	case fk == types.KString:
		return parseCaster(to, mode)
	case fk == types.KArray || fk == types.KMap || fk == types.KStruct:
		return nestedCaster(from, to, mode)
	case fk == types.KDate || fk == types.KTimestamp || fk == types.KTimestampNTZ:
		return timeCaster(from, to, mode)
	case tk == types.KTimestamp:
		return numberToTimestamp(from, mode)
	case tk == types.KBinary:
		return integerBytes(fk)
	case fk == types.KDecimal:
		return decimalCaster(from.(types.Decimal), to, mode)
	case tk == types.KDecimal:
		return toDecimal(from, to.(types.Decimal), mode)
	}
	return numberCaster(from, to, mode)
}

// failing says that a cast of these types raises on some input in this mode.
func failing(from, to types.Type, mode CastMode) bool {
	if mode != CastANSI || from.Kind() == types.KNull || to.Kind() == types.KString || types.Equal(from, to) {
		return false
	}
	if from.Kind() == types.KBoolean || to.Kind() == types.KBoolean && from.Kind() != types.KString {
		return false
	}
	return Tightest(from, to, true) == nil || !types.Equal(Tightest(from, to, true), to)
}

// overflow is CAST_OVERFLOW of a value's text.
func overflow(value string, from, to types.Type) error {
	return errs.New("CAST_OVERFLOW", "value", value, "sourceType", typeText(from), "targetType", typeText(to), "ansiConfig", ansiKey)
}

// invalid is CAST_INVALID_INPUT of text; the class is the target's.
func invalid(value string, from, to types.Type) error {
	e := errs.New("CAST_INVALID_INPUT", "expression", value, "sourceType", typeText(from), "targetType", typeText(to), "ansiConfig", ansiKey)
	switch to.Kind() {
	case types.KBoolean:
		e.Class = errs.Runtime
	case types.KDate, types.KTimestamp, types.KTimestampNTZ:
		e.Class = errs.DateTime
	}
	return e
}

// tooLarge is NUMERIC_VALUE_OUT_OF_RANGE of a value that a decimal does not hold.
func tooLarge(value string, to types.Decimal) error {
	return errs.New("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "value", value,
		"precision", itoa(to.Precision), "scale", itoa(to.Scale), "config", ansiKey)
}

// TooLarge is the condition of a decimal result that does not fit its type.
func TooLarge(value string, to types.Decimal) error { return tooLarge(value, to) }

// validity copies a column's nulls for a result that may get more; never nil, so that rows can be cleared.
func validity(mem memory.Allocator, a arrow.Array) *batch.Marks {
	if m := batch.CopyMarks(mem, batch.Valid(a), a.Len()); m != nil {
		return m
	}
	return batch.NewMarks(mem, a.Len(), true)
}

// clocked gives each use of a caster its own clock of the session's zone.
func clocked(c *Context) *zone.Clock { return zone.NewClock(c.Zone) }
