package parquet

import (
	"bytes"
	"cmp"

	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// prunes says that no row of the group passes the filters, by its statistics.
func prunes(g *metadata.RowGroupMetaData, filters []format.Filter, fields []field) bool {
	for _, f := range filters {
		if f.Column < 0 || f.Column >= len(fields) {
			continue
		}
		fl := fields[f.Column]
		if fl.node == nil {
			return true // all null, and null passes no filter
		}
		p, ok := fl.node.(*schema.PrimitiveNode)
		if ok && excluded(g, p, fl.want.Type, f) {
			return true
		}
	}
	return false
}

func excluded(g *metadata.RowGroupMetaData, p *schema.PrimitiveNode, t types.Type, f format.Filter) bool {
	index := g.Schema.ColumnIndexByNode(p)
	chunk, err := g.ColumnChunk(index)
	if err != nil {
		return false
	}
	if set, err := chunk.StatsSet(); err != nil || !set {
		return false
	}
	stats, err := chunk.Statistics()
	if err != nil || stats == nil {
		return false
	}
	if f.Op == "isnotnull" {
		return stats.HasNullCount() && stats.NullCount() == chunk.NumValues()
	}
	if !stats.HasMinMax() {
		return false
	}
	low, high, ok := compareBounds(stats, p, t, f.Value)
	return ok && outside(f.Op, low, high)
}

// outside says that no value between the bounds passes; low and high compare min and max with the filter's value.
func outside(op string, low, high int) bool {
	switch op {
	case "=":
		return low > 0 || high < 0
	case "<":
		return low >= 0
	case "<=":
		return low > 0
	case ">":
		return high <= 0
	case ">=":
		return high < 0
	}
	return false
}

// compareBounds compares min and max with the value, for the types whose stored order is Spark's.
func compareBounds(stats metadata.TypedStatistics, p *schema.PrimitiveNode, t types.Type, value any) (low, high int, ok bool) {
	switch s := stats.(type) {
	case *metadata.Int32Statistics:
		v, isInt := value.(int64)
		k := t.Kind()
		if !isInt || k != types.KByte && k != types.KShort && k != types.KInt && k != types.KDate && k != types.KLong || unsignedInt(p) {
			return 0, 0, false
		}
		return cmp.Compare(int64(s.Min()), v), cmp.Compare(int64(s.Max()), v), true
	case *metadata.Int64Statistics:
		v, isInt := value.(int64)
		k := t.Kind()
		if !isInt || k != types.KLong && k != types.KTimestamp && k != types.KTimestampNTZ || unsignedInt(p) || !micros(p) {
			return 0, 0, false
		}
		return cmp.Compare(s.Min(), v), cmp.Compare(s.Max(), v), true
	case *metadata.ByteArrayStatistics:
		v, isText := value.(string)
		if _, decimal := p.LogicalType().(schema.DecimalLogicalType); !isText || decimal || t.Kind() != types.KString {
			return 0, 0, false
		}
		return bytes.Compare(s.Min(), []byte(v)), bytes.Compare(s.Max(), []byte(v)), true
	}
	return 0, 0, false
}

func unsignedInt(p *schema.PrimitiveNode) bool {
	i, ok := p.LogicalType().(schema.IntLogicalType)
	return ok && !i.IsSigned()
}

// micros says that a timestamp is stored in the unit that filters are given in.
func micros(p *schema.PrimitiveNode) bool {
	ts, ok := p.LogicalType().(schema.TimestampLogicalType)
	return !ok || ts.TimeUnit() == schema.TimeUnitMicros
}
