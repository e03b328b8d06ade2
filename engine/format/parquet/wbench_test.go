package parquet

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// BenchmarkWrite writes columns of the files of the folder in PARQUET_BENCH, by our writer and by the library's.
func BenchmarkWrite(b *testing.B) {
	dir := os.Getenv("PARQUET_BENCH")
	if dir == "" {
		b.Skip("PARQUET_BENCH names no folder")
	}
	for _, ddl := range []string{"auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP", "auction BIGINT, channel STRING"} {
		s := schemaFor(b, ddl)
		var rows []arrow.RecordBatch
		names, _ := filepath.Glob(dir + "/*.parquet")
		for _, name := range names {
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			r, err := Open(f, Options{Schema: s, Mem: memory.DefaultAllocator})
			for err == nil {
				var x arrow.RecordBatch
				if x, err = r.Next(context.Background()); err == nil {
					rows = append(rows, x)
				}
			}
			if err != io.EOF {
				b.Fatal(err)
			}
			f.Close()
		}
		for _, dictionary := range []bool{false, true} {
			b.Run(ddl, func(b *testing.B) {
				for b.Loop() {
					var out bytes.Buffer
					w, err := NewWriter(&out, s, WriteOptions{Compression: compressions[2], Mem: memory.DefaultAllocator, Dictionary: dictionary})
					for _, x := range rows {
						if err == nil {
							err = w.Write(x)
						}
					}
					if err == nil {
						err = w.Close()
					}
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(out.Len()), "bytes")
				}
			})
		}
	}
}
