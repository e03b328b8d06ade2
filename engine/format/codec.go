package format

import (
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"

	"pysparkcompat/engine/errs"
)

// Codec is a compression of whole text files.
type Codec struct {
	Name   string
	Suffix string
	read   func(io.Reader) (io.Reader, error)
	write  func(io.Writer) (io.WriteCloser, error)
}

// codecs are the values of the option compression for text formats; a nil side is not built.
var codecs = []Codec{
	{"uncompressed", "", nil, nil},
	{"none", "", nil, nil},
	{"gzip", ".gz", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
	{"deflate", ".deflate", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) },
		func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }},
	{"bzip2", ".bz2", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }, nil},
	{"zstd", ".zst", func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) },
		func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) }},
	{"lz4", ".lz4", func(r io.Reader) (io.Reader, error) { return &blockReader{r: r, p: lz4Blocks}, nil },
		func(w io.Writer) (io.WriteCloser, error) { return &blockWriter{w: w, p: lz4Blocks}, nil }},
	{"snappy", ".snappy", func(r io.Reader) (io.Reader, error) { return &blockReader{r: r, p: snappyBlocks}, nil },
		func(w io.Writer) (io.WriteCloser, error) { return &blockWriter{w: w, p: snappyBlocks}, nil }},
}

// FindCodec reads the option compression of a writer.
func FindCodec(name string) (Codec, error) {
	if err := CheckCodec(name); err != nil {
		return Codec{}, err
	}
	for _, c := range codecs {
		if strings.EqualFold(c.Name, name) {
			if c.Suffix != "" && c.write == nil {
				return Codec{}, errs.NotBuilt("writing text with the compression " + c.Name)
			}
			return c, nil
		}
	}
	return Codec{}, errs.Internal("no codec %s", name)
}

// codecNames are those that text is written with, as messages list them. Files with other endings can be read.
var codecNames = []string{"bzip2", "deflate", "uncompressed", "snappy", "none", "lz4", "gzip"}

// CheckCodec refuses names that PySpark does not know.
func CheckCodec(name string) error {
	for _, n := range codecNames {
		if strings.EqualFold(n, name) {
			return nil
		}
	}
	return errs.New("CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "codecName", name, "availableCodecs", strings.Join(codecNames, ", "))
}

// CodecOf tells a file's compression by its name, as Hadoop does.
func CodecOf(name string) (Codec, error) {
	ending := path.Ext(name)
	for _, c := range codecs {
		if c.Suffix != "" && c.Suffix == ending {
			if c.read == nil {
				return Codec{}, errs.NotBuilt("reading " + c.Suffix + " files")
			}
			return c, nil
		}
	}
	return codecs[0], nil
}

// Plain says that text is as it is.
func (c Codec) Plain() bool { return c.Suffix == "" }

// Reader gives the text behind r.
func (c Codec) Reader(r io.Reader) (io.Reader, error) {
	if c.read == nil {
		return r, nil
	}
	return c.read(r)
}

// Writer compresses into w, which stays open; Close ends the compressed form.
func (c Codec) Writer(w io.Writer) (io.WriteCloser, error) {
	if c.write == nil {
		return plain{w}, nil
	}
	return c.write(w)
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
