// Package format holds the file formats, one package each, what they share (character sets, codecs, lines, pushed filters,
// modes), and the text of show().
//
// It opens no files. source, sink and the session call it. Invariants: what comes out of a format has the one Arrow
// form of its Spark type.
package format

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// ShowOptions are the arguments of show(). Truncate 0 shows cells whole.
type ShowOptions struct {
	Rows     int
	Truncate int
	Vertical bool
}

const leastWidth = 3

// Show is the text that show() prints, less the line end that print adds. batches hold the frame's first rows, one
// more than o.Rows if there are that many: the surplus only tells that there are more.
func Show(s types.Struct, batches []arrow.RecordBatch, loc *time.Location, o ShowOptions) (string, error) {
	o.Rows = max(o.Rows, 0)
	rows := cells(s, batches, loc, o)
	more := len(rows) > o.Rows
	if more {
		rows = rows[:o.Rows]
	}
	var b strings.Builder
	if o.Vertical {
		if len(rows) == 0 {
			return "(0 rows)", nil
		}
		if len(s.Fields) == 0 {
			return "", errs.New(errs.Unnamed + "EMPTY_MAX")
		}
		upright(&b, s, rows)
	} else {
		table(&b, s, rows, o.Truncate > 0)
	}
	if more {
		unit := "rows"
		if o.Rows == 1 {
			unit = "row"
		}
		b.WriteString("only showing top " + strconv.Itoa(o.Rows) + " " + unit)
	}
	return b.String(), nil
}

// cells is the text of each row's columns, cut and escaped.
func cells(s types.Struct, batches []arrow.RecordBatch, loc *time.Location, o ShowOptions) [][]string {
	var out [][]string
	clock := zone.NewClock(loc)
	for _, b := range batches {
		n := min(int(b.NumRows()), o.Rows+1-len(out))
		at := len(out)
		for range n {
			out = append(out, make([]string, len(s.Fields)))
		}
		for c, f := range s.Fields {
			a := b.Column(c)
			print, valid := expr.NewPrinter(a, f.Type, clock, expr.ShowStyle), batch.Valid(a)
			var scratch []byte
			for i := range n {
				text := expr.ShowStyle.Null
				if valid.Get(i) {
					scratch = print(scratch[:0], i)
					text = strings.ToValidUTF8(string(scratch), "\uFFFD")
				}
				out[at+i][c] = cut(escape.Replace(text), o.Truncate)
			}
		}
	}
	return out
}

// escape makes what would break the table visible.
var escape = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, "\b", `\b`, "\v", `\v`, "\a", `\a`)

// cut shortens to so many of Java's characters, which are UTF-16 units.
func cut(text string, limit int) string {
	if limit <= 0 || len(text) <= limit || units(text) <= limit {
		return text
	}
	keep, tail := limit, ""
	if limit >= 4 {
		keep, tail = limit-3, "..."
	}
	at := 0
	for i, r := range text {
		n := utf16.RuneLen(r)
		if at+n > keep {
			if at < keep { // half a character
				return text[:i] + "?" + tail
			}
			return text[:i] + tail
		}
		at += n
	}
	return text
}

// units is a text's length in Java.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// width is how many places Spark counts for a text: wide characters two.
func width(text string) int {
	if len(text) == utf8.RuneCountInString(text) {
		return len(text)
	}
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
		if wide(r) {
			n++
		}
	}
	return n
}

// wide are the full-width characters as Spark's table of them has it.
func wide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3, r >= 0xF900 && r <= 0xFAFF,
		r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60, r >= 0xFFE0 && r <= 0xFFE6:
		return true
	}
	return false
}

func names(s types.Struct) []string {
	out := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = escape.Replace(f.Name)
	}
	return out
}

func table(b *strings.Builder, s types.Struct, rows [][]string, right bool) {
	heads := names(s)
	widths := make([]int, len(heads))
	for i, h := range heads {
		widths[i] = max(leastWidth, width(h))
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	rule := "+"
	for _, w := range widths {
		rule += strings.Repeat("-", w) + "+"
	}
	if len(widths) == 0 {
		rule = "++"
	}
	line := func(cells []string) {
		b.WriteByte('|')
		for i, cell := range cells {
			pad(b, cell, widths[i], right)
			b.WriteByte('|')
		}
		if len(cells) == 0 {
			b.WriteByte('|')
		}
		b.WriteByte('\n')
	}
	b.WriteString(rule + "\n")
	line(heads)
	b.WriteString(rule + "\n")
	for _, row := range rows {
		line(row)
	}
	b.WriteString(rule + "\n")
}

func pad(b *strings.Builder, text string, to int, right bool) {
	blank := strings.Repeat(" ", to-width(text))
	if right {
		b.WriteString(blank + text)
	} else {
		b.WriteString(text + blank)
	}
}

// upright is show(vertical=True): a line a value.
func upright(b *strings.Builder, s types.Struct, rows [][]string) {
	heads := names(s)
	left, right := leastWidth, leastWidth
	for _, h := range heads {
		left = max(left, width(h))
	}
	for _, row := range rows {
		for _, cell := range row {
			right = max(right, width(cell))
		}
	}
	for i, row := range rows {
		head := "-RECORD " + strconv.Itoa(i)
		b.WriteString(head + strings.Repeat("-", max(0, left+right+5-len(head))) + "\n")
		for c, cell := range row {
			b.WriteByte(' ')
			pad(b, heads[c], left, false)
			b.WriteString(" | ")
			pad(b, cell, right, false)
			b.WriteString(" \n")
		}
	}
}
