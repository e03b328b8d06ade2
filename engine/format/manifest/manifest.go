// Package manifest is the log by which a file sink says what it has committed, and how Spark writes paths in logs.
//
// It lists no folders and writes no data: sink adds entries, source reads them. Invariants: a file is committed if and
// only if an entry of the log names it; the entries are Spark's, so that Spark reads our folders and we read its.
package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/vfs"
)

// Folder is where the log lies in an output folder.
const Folder = "_spark_metadata"

// Entry is one file.
type Entry struct {
	Path             string `json:"path"`
	Size             int64  `json:"size"`
	IsDir            bool   `json:"isDir"`
	ModificationTime int64  `json:"modificationTime"`
	BlockReplication int    `json:"blockReplication"`
	BlockSize        int64  `json:"blockSize"`
	Action           string `json:"action"`
}

// Added is the entry of a new file.
func Added(file string, size, modifiedMillis int64) Entry {
	return Entry{Path: URI(file), Size: size, ModificationTime: modifiedMillis, BlockReplication: 1, BlockSize: 32 << 20, Action: "add"}
}

// Log is the log of an output folder.
type Log = metalog.Compacted[Entry]

// Open opens the log of an output folder to add to it.
func Open(files vfs.FS, output string, set metalog.Compaction, c clock.Clock) (*Log, error) {
	return metalog.OpenCompacted(files, path.Join(output, Folder), set, c, Line[Entry], read)
}

func read(line []byte) (e Entry, err error) {
	if err = json.Unmarshal(line, &e); err == nil && e.Path == "" {
		err = errors.New("it names no path")
	}
	return e, err
}

// Committed gives the files of an output folder that its log names; ok is false where there is no log.
func Committed(files vfs.FS, output string, c clock.Clock) (entries []Entry, ok bool, err error) {
	for _, folder := range []string{output, path.Join(output, Folder)} {
		info, err := files.Stat(folder)
		if vfs.Missing(err) || err == nil && !info.IsDir() {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	log, err := Open(files, output, metalog.Compaction{Interval: 10}, c)
	if err != nil {
		return nil, false, err
	}
	all, err := log.All()
	if err != nil {
		return nil, false, err
	}
	gone := map[string]bool{}
	for _, e := range all {
		if e.Action == "delete" {
			gone[e.Path] = true
		}
	}
	for _, e := range all {
		if !gone[e.Path] {
			entries = append(entries, e)
		}
	}
	return entries, true, nil
}

// Line is a value as one line of JSON, with the characters that Spark leaves as they are.
func Line[T any](v T) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// URI is an absolute path as Spark writes it into logs and messages: file:///a%20b.
func URI(p string) string {
	var b strings.Builder
	b.WriteString("file://")
	for i := 0; i < len(p); i++ {
		c := p[i]
		if c >= 0x80 || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/_-!.~'()*,;:$&+=@", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// Path is the path of a URI that we wrote, or Spark.
func Path(u string) string {
	p, ok := strings.CutPrefix(u, "file:")
	if !ok {
		return Unescape(u)
	}
	return Unescape("/" + strings.TrimLeft(p, "/"))
}

// Unescape turns %41 into A; a % that begins no escape stays.
func Unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, low := digit(s[i+1]), digit(s[i+2])
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
