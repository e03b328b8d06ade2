package source

import (
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// nullPartition is how a folder's name says null.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// pair is column=value of a folder's name.
type pair struct{ name, raw string }

// layout is how folders become columns.
type layout struct {
	bases         map[string]bool // folders above which nobody looks
	caseSensitive bool
	infer         bool // types of columns; else all are strings
	calendar      calendar
}

// calendar is what times in text are read by.
type calendar struct {
	zone *time.Location
	now  func() time.Time
}

// pairsOf reads the partition columns of a folder, outermost first, and where they begin.
func (l *layout) pairsOf(dir string) (pairs []pair, base string, err error) {
	at := dir
	for !l.bases[at] {
		p, ok, err := parsePair(path.Base(at))
		if err != nil {
			return nil, "", err
		}
		if ok {
			pairs = append(pairs, p)
		}
		if !ok && len(pairs) > 0 || path.Dir(at) == at {
			break
		}
		at = path.Dir(at)
	}
	if len(pairs) == 0 {
		return nil, dir, nil
	}
	for i, j := 0, len(pairs)-1; i < j; i, j = i+1, j-1 {
		pairs[i], pairs[j] = pairs[j], pairs[i]
	}
	return pairs, at, nil
}

func parsePair(name string) (pair, bool, error) {
	left, right, ok := strings.Cut(name, "=")
	if !ok {
		return pair{}, false, nil
	}
	if left == "" {
		return pair{}, false, errs.New("EMPTY_PARTITION_COLUMN_NAME", "columnSpec", name)
	}
	if right == "" {
		return pair{}, false, errs.New("EMPTY_PARTITION_COLUMN_VALUE", "columnSpec", name)
	}
	return pair{manifest.Unescape(left), manifest.Unescape(right)}, true, nil
}

// discover finds the partition columns of folders and their types, by Spark's rules; none is no error.
func (l *layout) discover(dirs []string) ([]types.Field, error) {
	var lists [][]pair
	var listed []string
	bases := map[string]bool{}
	for _, dir := range dirs {
		pairs, base, err := l.pairsOf(dir)
		if err != nil {
			return nil, err
		}
		bases[base] = true
		if len(pairs) > 0 {
			lists, listed = append(lists, pairs), append(listed, dir)
		}
	}
	if len(lists) == 0 {
		return nil, nil
	}
	if len(bases) > 1 {
		return nil, errs.New("CONFLICTING_DIRECTORY_STRUCTURES", "discoveredBasePaths", indented(sortedKeys(bases), "\tfile:"))
	}
	if err := l.sameNames(lists, listed); err != nil {
		return nil, err
	}
	fields := make([]types.Field, len(lists[0]))
	for i, p := range lists[0] {
		t := types.Type(types.Null)
		for _, pairs := range lists {
			t = widest(t, l.typeOf(pairs[i].raw))
		}
		fields[i] = types.Field{Name: p.name, Type: t, Nullable: true}
	}
	return fields, nil
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func indented(lines []string, before string) string {
	return "\n" + before + strings.Join(lines, "\n"+before) + "\n"
}

func (l *layout) sameNames(lists [][]pair, dirs []string) error {
	key := func(pairs []pair) string {
		names := make([]string, len(pairs))
		for i, p := range pairs {
			names[i] = p.name
			if !l.caseSensitive {
				names[i] = strings.ToLower(p.name)
			}
		}
		return strings.Join(names, ", ")
	}
	seen := map[string]bool{}
	for _, pairs := range lists {
		seen[key(pairs)] = true
	}
	if len(seen) == 1 {
		return nil
	}
	var text strings.Builder
	for i, names := range sortedKeys(seen) {
		fmt.Fprintf(&text, "\n\tPartition column name list #%d: %s", i, names)
	}
	return errs.New("CONFLICTING_PARTITION_COLUMN_NAMES", "distinctPartColLists", text.String()+"\n",
		"suspiciousPaths", indented(dirs, "\tfile:"))
}

// typeOf infers a value's type: int, bigint, decimal, double, date, timestamp, else string.
func (l *layout) typeOf(raw string) types.Type {
	switch {
	case raw == nullPartition:
		return types.Null
	case !l.infer:
		return types.String
	}
	if _, err := strconv.ParseInt(raw, 10, 32); err == nil {
		return types.Int
	}
	if _, err := strconv.ParseInt(raw, 10, 64); err == nil {
		return types.Long
	}
	if digits := strings.TrimLeft(raw, "+-"); len(raw)-len(digits) <= 1 && digits != "" && strings.Trim(digits, "0123456789") == "" && len(digits) <= 38 {
		return types.Decimal{Precision: len(strings.TrimLeft(digits, "0")), Scale: 0}
	}
	if _, ok := javaDouble(raw); ok {
		return types.Double
	}
	if _, ok := types.ParseDate([]byte(raw)); ok && len(raw) == len("2024-01-01") {
		return types.Date
	}
	if _, ok := types.ParseTimestamp([]byte(raw), l.calendar.clock(), l.calendar.today); ok && timestampForm(raw) {
		return types.Timestamp
	}
	return types.String
}

// timestampForm says that a value has the form from which Spark infers a timestamp: yyyy-MM-dd HH:mm:ss[.S].
func timestampForm(raw string) bool {
	const whole = len("2024-01-01 00:00:00")
	return len(raw) >= whole && raw[len("2024-01-01")] == ' ' && (len(raw) == whole || len(raw) == whole+2 && raw[whole] == '.')
}

func (c calendar) clock() *zone.Clock { return zone.NewClock(c.zone) }

func (c calendar) today() int {
	return int(types.FloorDiv(c.clock().Local(c.now().UnixMicro()), types.MicrosPerDay))
}

// javaDouble parses as Double.parseDouble does.
func javaDouble(raw string) (float64, bool) {
	s := strings.TrimSpace(raw)
	if n := len(s); n > 1 && strings.IndexByte("dDfF", s[n-1]) >= 0 && strings.IndexByte("0123456789.", s[n-2]) >= 0 && !strings.ContainsAny(s, "xX") {
		s = s[:n-1]
	}
	switch s {
	case "NaN", "Infinity", "+Infinity", "-Infinity":
	default:
		if s == "" || strings.ContainsAny(s, "_iInN") {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && v == 0 {
		return 0, false
	}
	return v, true
}

// widest is the type that holds both; string where nothing else does.
func widest(a, b types.Type) types.Type {
	if types.Equal(a, b) {
		return a
	}
	ka, kb := a.Kind(), b.Kind()
	if ka == types.KNull {
		return b
	}
	if kb == types.KNull {
		return a
	}
	if ka > kb {
		a, b, ka, kb = b, a, kb, ka
	}
	switch {
	case ka == types.KInt && (kb == types.KLong || kb == types.KDouble):
		return b
	case (ka == types.KInt || ka == types.KLong) && kb == types.KDecimal:
		whole := 10
		if ka == types.KLong {
			whole = 20
		}
		d := b.(types.Decimal)
		return types.Decimal{Precision: max(whole, d.Precision-d.Scale) + d.Scale, Scale: d.Scale}
	case ka == types.KDecimal && kb == types.KDecimal:
		return types.Decimal{Precision: max(a.(types.Decimal).Precision, b.(types.Decimal).Precision)}
	case ka == types.KDate && kb == types.KTimestamp:
		return b
	}
	return types.String
}

// valueOf reads a partition's value as a type: nil, bool, int64, float64, decimal128.Num or string; times are int64.
func (c calendar) valueOf(f types.Field, raw string) (any, error) {
	if raw == nullPartition {
		return nil, nil
	}
	v, ok := c.parse(f.Type, raw)
	if !ok {
		return nil, errs.New("INVALID_PARTITION_VALUE", "value", "'"+raw+"'", "dataType", `"`+types.SQL(f.Type)+`"`, "columnName", "`"+f.Name+"`")
	}
	return v, nil
}

func (c calendar) parse(t types.Type, raw string) (any, bool) {
	size := map[types.Kind]int{types.KByte: 8, types.KShort: 16, types.KInt: 32, types.KLong: 64}[t.Kind()]
	switch t.Kind() {
	case types.KString:
		return raw, true
	case types.KByte, types.KShort, types.KInt, types.KLong:
		n, err := strconv.ParseInt(raw, 10, size)
		return n, err == nil
	case types.KFloat, types.KDouble:
		v, ok := javaDouble(raw)
		return v, ok
	case types.KDecimal:
		d := t.(types.Decimal)
		n, err := decimal128.FromString(raw, int32(d.Precision), int32(d.Scale))
		return n, err == nil
	case types.KBoolean:
		switch strings.ToLower(raw) {
		case "true", "t", "yes", "y", "1":
			return true, true
		case "false", "f", "no", "n", "0":
			return false, true
		}
	case types.KDate:
		d, ok := types.ParseDate([]byte(raw))
		return int64(d), ok
	case types.KTimestamp:
		v, ok := types.ParseTimestamp([]byte(raw), c.clock(), c.today)
		return v, ok
	case types.KTimestampNTZ:
		v, ok := types.ParseTimestampNTZ([]byte(raw), false)
		return v, ok
	}
	return nil, false
}
