package json

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
		fmt.Fprintf(&b, `{"auction":%d,"bidder":%d,"price":%d,"channel":"channel-%d","url":"https://www.nexmark.com/%d/0/item.htm?query=1&channel_id=%d","dateTime":"%s","extra":"%032x"}`+"\n",
			i/50, i/90, (i*7919)%1_000_000, i%96, i%100, (i*104729)%(1<<30), at.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), i%257)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, columns []int, filters []format.Filter) {
	schema, err := types.ParseDDL(bidDDL)
	if err != nil {
		b.Fatal(err)
	}
	text := bids(50_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		d, err := NewDecoder(schema, columns, nil, time.UTC, memory.DefaultAllocator)
		if err != nil {
			b.Fatal(err)
		}
		d.Filter(filters, columns)
		r := NewReader(bytes.NewReader(text), d)
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

func BenchmarkDecodeAll(b *testing.B)     { benchmark(b, nil, nil) }
func BenchmarkDecodeWindow(b *testing.B)  { benchmark(b, []int{2, 3, 5}, nil) }
func BenchmarkDecodeProject(b *testing.B) { benchmark(b, []int{0, 2, 3, 5}, nil) }
func BenchmarkDecodeFilter(b *testing.B) {
	benchmark(b, []int{0, 2, 3, 5}, []format.Filter{{Column: 2, Op: ">", Value: int64(900_000)}})
}
