package csv

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

const bidDDL = "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING"

// bids is text like that of an auction's bids.
func bids(n int) []byte {
	var b bytes.Buffer
	at := time.Unix(1_700_000_000, 0).UTC()
	for i := range n {
		fmt.Fprintf(&b, `%d,%d,%d,"channel-%d","https://www.nexmark.com/%d/0/item.htm?query=1&channel_id=%d","%s","%032x"`+"\n",
			i/50, i/90, (i*7919)%1_000_000, i%96, i%100, (i*104729)%(1<<30), at.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), i%257)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, given map[string]string, columns []int, filters []format.Filter) {
	schema, err := types.ParseDDL(bidDDL)
	if err != nil {
		b.Fatal(err)
	}
	o, err := ParseOptions(given, Env{Zone: time.UTC, Pruning: true})
	if err != nil {
		b.Fatal(err)
	}
	text := bids(50_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := NewDecoder(schema, columns, o, memory.DefaultAllocator)
		if err != nil {
			b.Fatal(err)
		}
		d.Filter(filters, columns)
		r := NewReader(bytes.NewReader(text), d, true, "")
		for {
			rec, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			rec.Release()
		}
		r.Close()
	}
}

var everything = []int{0, 1, 2, 3, 4, 5, 6}

func BenchmarkDecodeAll(b *testing.B)     { benchmark(b, nil, everything, nil) }
func BenchmarkDecodeProject(b *testing.B) { benchmark(b, nil, []int{0, 2, 3, 5}, nil) }
func BenchmarkDecodeFilter(b *testing.B) {
	benchmark(b, nil, []int{0, 2, 3, 5}, []format.Filter{{Column: 2, Op: ">", Value: int64(900_000)}, {Column: 2, Op: "isnotnull"}})
}
func BenchmarkDecodeEscapeQuote(b *testing.B) {
	benchmark(b, map[string]string{"escape": `"`}, everything, nil)
}
func BenchmarkDecodeMultiLine(b *testing.B) {
	benchmark(b, map[string]string{"multiLine": "true"}, everything, nil)
}
func BenchmarkDecodeCareful(b *testing.B) {
	benchmark(b, map[string]string{"maxCharsPerColumn": "1000"}, everything, nil)
}
