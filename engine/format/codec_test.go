package format

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// TestCodecs says that each codec reads what it writes, and no half of it.
func TestCodecs(t *testing.T) {
	noise := make([]byte, 300_000)
	pick := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(pick.Uint32())
	}
	for _, name := range []string{"gzip", "deflate", "snappy", "lz4"} {
		c, err := FindCodec(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{nil, []byte("a"), []byte("line\n"), bytes.Repeat([]byte("line\n"), 100_000), noise} {
			var out bytes.Buffer
			w, err := c.Writer(&out)
			if err != nil {
				t.Fatal(err)
			}
			for rest := text; len(rest) > 0; {
				n := min(len(rest), 1000)
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			back := func(b []byte) ([]byte, error) {
				r, err := c.Reader(iotest.HalfReader(bytes.NewReader(b)))
				if err != nil {
					return nil, err
				}
				return io.ReadAll(r)
			}
			if got, err := back(out.Bytes()); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s: %d bytes came back as %d, %v", name, len(text), len(got), err)
			}
			if len(text) > 0 {
				if _, err := back(out.Bytes()[:out.Len()-1]); err == nil {
					t.Errorf("%s: a torn file is read", name)
				}
			}
		}
	}
	for name, want := range map[string]string{"bzip2": "NOT_IMPLEMENTED", "zstd": "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "nope": "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION"} {
		if _, err := FindCodec(name); err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSparkBlocks reads what Hadoop writes: a block of several pieces.
func TestSparkBlocks(t *testing.T) {
	piece, _ := snappyBlocks.pack(nil, []byte("ab"))
	file := append([]byte{0, 0, 0, 4, 0, 0, 0, byte(len(piece))}, piece...)
	file = append(append(file, 0, 0, 0, byte(len(piece))), piece...)
	c, _ := CodecOf("x.snappy")
	r, err := c.Reader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "abab" {
		t.Errorf("%q %v", got, err)
	}
}

// TestCharsets says that text comes back from each encoding, and what is malformed as Java reads it.
func TestCharsets(t *testing.T) {
	for _, name := range []string{"UTF-8", "iso-8859-1", "US-ASCII", "UTF-16", "utf-16be", "UTF-16LE", "UTF-32"} {
		c, err := FindCharset(name, "test")
		if err != nil {
			t.Fatal(err)
		}
		text, want := "aä€😀\n", "aä€😀\n"
		switch name {
		case "iso-8859-1":
			want = "aä??\n"
		case "US-ASCII":
			want = "a???\n"
		}
		if got := c.Decode(nil, append(c.Mark(), c.Encode(nil, []byte(text))...)); string(got) != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for in, want := range map[string]string{"a\xffb": "a\uFFFDb", "\xe2\x82x": "\uFFFDx", "\xc3": "\uFFFD", "\xf0\x9f\x98x": "\uFFFDx", "\xed\xa0\x80": "\uFFFD", "\xc0\x80": "\uFFFD\uFFFD", "ok": "ok"} {
		if got := string(AppendValid(nil, []byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := string(Charset{kind: utf16Text}.Decode(nil, []byte{0xff, 0xfe, 'a', 0, 'b'})); got != "a\uFFFD" {
		t.Errorf("%q", got)
	}
	if _, err := FindCharset("utf8", "test"); err == nil {
		t.Error("utf8 is no name of Spark's")
	}
}
