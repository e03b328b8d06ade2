package source

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

const (
	// openCost is how many bytes opening a file counts for, as in PySpark.
	openCost = 4 << 20
	// packable files are read one after the other by one reader; larger ones are dealt singly, which keeps cores busy.
	packable = 1 << 20
)

// pack puts small files together as PySpark does, whose partitions they then are: a function that takes a partition
// is called as often as there, and not once a file.
func pack(splits []*fileSplit, total int64, files, cores int) []Split {
	room := min(max((total+int64(files)*openCost)/int64(cores), openCost), largeSplit)
	var out []Split
	var open []*fileSplit
	used := int64(0)
	end := func() {
		switch len(open) {
		case 0:
		case 1:
			out = append(out, open[0])
		default:
			out = append(out, &filePack{open})
		}
		open, used = nil, 0
	}
	for _, s := range splits {
		small := s.part.size <= packable
		if !small || used+s.part.size > room {
			end()
		}
		open, used = append(open, s), used+s.part.size+openCost
		if !small {
			end()
		}
	}
	end()
	return out
}

// filePack is several small files as one split.
type filePack struct{ splits []*fileSplit }

func (p *filePack) Open(_ context.Context, push Pushdown) (Reader, error) {
	return &packReader{left: p.splits, push: push}, nil
}

// packReader reads the files in turn.
type packReader struct {
	left []*fileSplit
	push Pushdown
	at   Reader
}

func (r *packReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for {
		if r.at == nil {
			if len(r.left) == 0 {
				return nil, io.EOF
			}
			var err error
			if r.at, err = r.left[0].Open(ctx, r.push); err != nil {
				return nil, err
			}
			r.left = r.left[1:]
		}
		b, err := r.at.Next(ctx)
		if err != io.EOF {
			return b, err
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
}

func (r *packReader) Close() error {
	if r.at == nil {
		return nil
	}
	at := r.at
	r.at = nil
	return at.Close()
}
