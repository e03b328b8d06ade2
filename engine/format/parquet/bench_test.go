package parquet

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pysparkcompat/engine/types"
)

// BenchmarkRead reads the Parquet files of the folder in PARQUET_BENCH, per set of columns.
func BenchmarkRead(b *testing.B) {
	dir := os.Getenv("PARQUET_BENCH")
	if dir == "" {
		b.Skip("PARQUET_BENCH names no folder")
	}
	names, _ := filepath.Glob(dir + "/*.parquet")
	for _, ddl := range []string{
		"auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING",
		"auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP", "auction BIGINT, price BIGINT",
		"channel STRING", "url STRING", "extra STRING", "dateTime TIMESTAMP",
	} {
		s, err := types.ParseDDL(ddl)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(ddl, func(b *testing.B) {
			for b.Loop() {
				rows := int64(0)
				for _, name := range names {
					rows += readAll(b, name, s)
				}
				b.ReportMetric(float64(rows), "rows")
			}
		})
	}
}

func readAll(b *testing.B, name string, s types.Struct) int64 {
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r, err := Open(f, Options{Schema: s, Mem: &scratch, Name: name})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	rows := int64(0)
	for {
		batch, err := r.Next(context.Background())
		if err == io.EOF {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += batch.NumRows()
		batch.Release()
	}
}
