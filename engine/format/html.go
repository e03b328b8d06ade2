package format

import (
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/types"
)

// HTML is the table that a notebook shows of a frame, with the same rows and cells as Show.
func HTML(s types.Struct, batches []arrow.RecordBatch, loc *time.Location, o ShowOptions) string {
	o.Rows = max(o.Rows, 0)
	rows := cells(s, batches, loc, o)
	more := len(rows) > o.Rows
	if more {
		rows = rows[:o.Rows]
	}
	var b strings.Builder
	b.WriteString("<table border='1'>\n")
	line := func(tag string, texts []string) {
		b.WriteString("<tr>")
		for _, t := range texts {
			b.WriteString("<" + tag + ">" + html.EscapeString(t) + "</" + tag + ">")
		}
		b.WriteString("</tr>\n")
	}
	line("th", names(s))
	for _, r := range rows {
		line("td", r)
	}
	b.WriteString("</table>\n")
	if more {
		unit := "rows"
		if o.Rows == 1 {
			unit = "row"
		}
		b.WriteString("only showing top " + strconv.Itoa(o.Rows) + " " + unit + "\n")
	}
	return b.String()
}
