package parquet

import (
	"fmt"
	"strings"

	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// rowKey is where Spark keeps a file's Spark schema.
const rowKey = "org.apache.spark.sql.parquet.row.metadata"

// schemaOf is a file's schema as Spark reads it: what Spark wrote into it, else what the Parquet types mean.
func schemaOf(m *metadata.FileMetaData) (types.Struct, error) {
	if kv := m.KeyValueMetadata(); kv != nil {
		if text := kv.FindValue(rowKey); text != nil {
			if t, err := types.FromJSON(*text); err == nil {
				if s, ok := t.(types.Struct); ok {
					return nullable(s).(types.Struct), nil
				}
			}
		}
	}
	return groupType(m.Schema.Root())
}

// nullable makes every part of a type nullable, as Spark does with what it reads from files.
func nullable(t types.Type) types.Type {
	switch t := t.(type) {
	case types.Array:
		return types.Array{Elem: nullable(t.Elem), ContainsNull: true}
	case types.Map:
		return types.Map{Key: nullable(t.Key), Value: nullable(t.Value), ValueContainsNull: true}
	case types.Struct:
		out := types.Struct{Fields: make([]types.Field, len(t.Fields))}
		for i, f := range t.Fields {
			f.Type, f.Nullable = nullable(f.Type), true
			out.Fields[i] = f
		}
		return out
	}
	return t
}

func groupType(g *schema.GroupNode) (types.Struct, error) {
	out := types.Struct{Fields: make([]types.Field, g.NumFields())}
	for i := range out.Fields {
		t, err := nodeType(g.Field(i))
		if err != nil {
			return types.Struct{}, err
		}
		out.Fields[i] = types.Field{Name: g.Field(i).Name(), Type: t, Nullable: true}
	}
	return out, nil
}

func nodeType(n schema.Node) (types.Type, error) {
	if p, ok := n.(*schema.PrimitiveNode); ok {
		t, err := primitiveType(p)
		if err == nil && n.RepetitionType() == pq.Repetitions.Repeated {
			return types.Array{Elem: t, ContainsNull: true}, nil
		}
		return t, err
	}
	g := n.(*schema.GroupNode)
	switch {
	case isList(g):
		elem, err := elementType(g)
		return types.Array{Elem: elem, ContainsNull: true}, err
	case isMap(g):
		entry := g.Field(0).(*schema.GroupNode)
		key, err := nodeType(entry.Field(0))
		if err != nil {
			return nil, err
		}
		value, err := nodeType(entry.Field(1))
		return types.Map{Key: key, Value: value, ValueContainsNull: true}, err
	}
	s, err := groupType(g)
	if err == nil && g.RepetitionType() == pq.Repetitions.Repeated {
		return types.Array{Elem: s, ContainsNull: true}, nil
	}
	return s, err
}

func isList(g *schema.GroupNode) bool {
	_, logical := g.LogicalType().(schema.ListLogicalType)
	return (logical || g.ConvertedType() == schema.ConvertedTypes.List) && g.NumFields() == 1
}

func isMap(g *schema.GroupNode) bool {
	_, logical := g.LogicalType().(schema.MapLogicalType)
	if !logical && g.ConvertedType() != schema.ConvertedTypes.Map && g.ConvertedType() != schema.ConvertedTypes.MapKeyValue || g.NumFields() != 1 {
		return false
	}
	entry, ok := g.Field(0).(*schema.GroupNode)
	return ok && entry.NumFields() == 2
}

// elementType follows Parquet's rules for lists of older writers: a repeated group of one field is a wrapper, unless
// its name says that it is the element.
func elementType(g *schema.GroupNode) (types.Type, error) {
	rep := g.Field(0)
	p, ok := rep.(*schema.PrimitiveNode)
	if ok {
		return primitiveType(p)
	}
	inner := rep.(*schema.GroupNode)
	if inner.NumFields() == 1 && inner.Name() != "array" && inner.Name() != g.Name()+"_tuple" {
		return nodeType(inner.Field(0))
	}
	return groupType(inner)
}

func primitiveType(p *schema.PrimitiveNode) (types.Type, error) {
	switch p.PhysicalType() {
	case pq.Types.Boolean:
		return types.Boolean, nil
	case pq.Types.Int32:
		return int32Type(p)
	case pq.Types.Int64:
		return int64Type(p)
	case pq.Types.Int96:
		return types.Timestamp, nil
	case pq.Types.Float:
		return types.Float, nil
	case pq.Types.Double:
		return types.Double, nil
	}
	return bytesType(p)
}

func int32Type(p *schema.PrimitiveNode) (types.Type, error) {
	switch l := p.LogicalType().(type) {
	case schema.DecimalLogicalType:
		return types.Decimal{Precision: int(l.Precision()), Scale: int(l.Scale())}, nil
	case schema.DateLogicalType:
		return types.Date, nil
	case schema.TimeLogicalType:
		return nil, unsupported(p)
	case schema.IntLogicalType:
		switch {
		case l.BitWidth() == 32 && !l.IsSigned():
			return types.Long, nil
		case l.BitWidth() == 16 && !l.IsSigned():
			return types.Int, nil
		case l.BitWidth() == 8 && !l.IsSigned(), l.BitWidth() == 16:
			return types.Short, nil
		case l.BitWidth() == 8:
			return types.Byte, nil
		}
	}
	return types.Int, nil
}

func int64Type(p *schema.PrimitiveNode) (types.Type, error) {
	switch l := p.LogicalType().(type) {
	case schema.DecimalLogicalType:
		return types.Decimal{Precision: int(l.Precision()), Scale: int(l.Scale())}, nil
	case schema.TimestampLogicalType:
		if l.TimeUnit() == schema.TimeUnitNanos {
			return nil, unsupported(p)
		}
		if l.IsAdjustedToUTC() {
			return types.Timestamp, nil
		}
		return types.TimestampNTZ, nil
	case schema.TimeLogicalType:
		return nil, unsupported(p)
	case schema.IntLogicalType:
		if !l.IsSigned() {
			return types.Decimal{Precision: 20, Scale: 0}, nil
		}
	}
	return types.Long, nil
}

func bytesType(p *schema.PrimitiveNode) (types.Type, error) {
	switch l := p.LogicalType().(type) {
	case schema.DecimalLogicalType:
		return types.Decimal{Precision: int(l.Precision()), Scale: int(l.Scale())}, nil
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return types.String, nil
	case schema.NullLogicalType, schema.UUIDLogicalType, schema.BSONLogicalType, schema.NoLogicalType, schema.UnknownLogicalType:
	default:
		if l != nil && !l.IsNone() {
			return nil, unsupported(p)
		}
	}
	return types.Binary, nil
}

func unsupported(p *schema.PrimitiveNode) error {
	return errs.New("PARQUET_TYPE_ILLEGAL", "parquetType", described(p))
}

// described is a Parquet type as Spark's messages show it: INT64 (TIMESTAMP(NANOS,true)).
func described(n schema.Node) string {
	p, ok := n.(*schema.PrimitiveNode)
	if !ok {
		return "group"
	}
	text := strings.ToUpper(p.PhysicalType().String())
	if p.PhysicalType() == pq.Types.ByteArray {
		text = "BINARY"
	}
	switch l := p.LogicalType().(type) {
	case schema.TimestampLogicalType:
		text += fmt.Sprintf(" (TIMESTAMP(%s,%t))", unitName(l.TimeUnit()), l.IsAdjustedToUTC())
	case schema.TimeLogicalType:
		text += fmt.Sprintf(" (TIME(%s,%t))", unitName(l.TimeUnit()), l.IsAdjustedToUTC())
	default:
		if l != nil && !l.IsNone() {
			text += " (" + l.String() + ")"
		}
	}
	return text
}

func unitName(u schema.TimeUnitType) string {
	switch u {
	case schema.TimeUnitMillis:
		return "MILLIS"
	case schema.TimeUnitMicros:
		return "MICROS"
	}
	return "NANOS"
}
