package format

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"pysparkcompat/engine/errs"
)

// Charset is an encoding of text files; the zero value is UTF-8.
type Charset struct {
	// Name is Java's; empty is UTF-8.
	Name string
	kind charsetKind
}

type charsetKind uint8

const (
	utf8Text charsetKind = iota
	asciiText
	latinText
	utf16Text // with a mark, else big end first
	utf16Big
	utf16Little
	utf32Text
)

// charsets are the names that Spark takes, by their place in its messages.
var charsets = []struct {
	name string
	kind charsetKind
}{{"ISO-8859-1", latinText}, {"US-ASCII", asciiText}, {"UTF-16", utf16Text}, {"UTF-16BE", utf16Big}, {"UTF-16LE", utf16Little}, {"UTF-32", utf32Text}, {"UTF-8", utf8Text}}

// CharsetNames is how messages list them.
const CharsetNames = "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8"

// FindCharset reads the option encoding; function is who asks, for the message.
func FindCharset(name, function string) (Charset, error) {
	for _, c := range charsets {
		if strings.EqualFold(c.name, name) {
			if c.kind == utf8Text {
				return Charset{}, nil
			}
			return Charset{Name: c.name, kind: c.kind}, nil
		}
	}
	return Charset{}, errs.New("INVALID_PARAMETER_VALUE.CHARSET", "functionName", "`"+function+"`", "parameter", "`charset`",
		"charset", name, "charsets", CharsetNames)
}

// Plain says that text is UTF-8 already.
func (c Charset) Plain() bool { return c.kind == utf8Text }

// Sound says that text is all of this encoding.
func (c Charset) Sound(text []byte) bool {
	switch c.kind {
	case asciiText:
		for _, b := range text {
			if b >= utf8.RuneSelf {
				return false
			}
		}
		return true
	case latinText:
		return true
	case utf16Text, utf16Big, utf16Little:
		return len(text)%2 == 0
	case utf32Text:
		return len(text)%4 == 0
	}
	return utf8.Valid(text)
}

const replacement = "\uFFFD"

// Decode adds text of this encoding to dst as UTF-8; what is malformed becomes replacement characters.
func (c Charset) Decode(dst, text []byte) []byte {
	switch c.kind {
	case asciiText:
		for _, b := range text {
			if b < utf8.RuneSelf {
				dst = append(dst, b)
			} else {
				dst = append(dst, replacement...)
			}
		}
		return dst
	case latinText:
		for _, b := range text {
			dst = utf8.AppendRune(dst, rune(b))
		}
		return dst
	case utf16Text, utf16Big, utf16Little:
		return c.decode16(dst, text)
	case utf32Text:
		return decode32(dst, text)
	}
	return AppendValid(dst, text)
}

func (c Charset) decode16(dst, text []byte) []byte {
	var order binary.ByteOrder = binary.BigEndian
	if c.kind == utf16Little {
		order = binary.LittleEndian
	}
	if c.kind == utf16Text && len(text) >= 2 {
		switch {
		case text[0] == 0xfe && text[1] == 0xff:
			text = text[2:]
		case text[0] == 0xff && text[1] == 0xfe:
			order, text = binary.LittleEndian, text[2:]
		}
	}
	for len(text) >= 2 {
		r := rune(order.Uint16(text))
		text = text[2:]
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if len(text) >= 2 {
				low = rune(order.Uint16(text))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				text = text[2:]
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	if len(text) > 0 {
		dst = append(dst, replacement...)
	}
	return dst
}

func decode32(dst, text []byte) []byte {
	var order binary.ByteOrder = binary.BigEndian
	if len(text) >= 4 {
		switch binary.BigEndian.Uint32(text) {
		case 0xfeff:
			text = text[4:]
		case 0xfffe0000:
			order, text = binary.LittleEndian, text[4:]
		}
	}
	for ; len(text) >= 4; text = text[4:] {
		dst = utf8.AppendRune(dst, rune(order.Uint32(text)))
	}
	if len(text) > 0 {
		dst = append(dst, replacement...)
	}
	return dst
}

// Encode adds UTF-8 text to dst in this encoding; what it cannot hold becomes question marks. A mark that the
// encoding begins with is Mark's.
func (c Charset) Encode(dst, text []byte) []byte {
	switch c.kind {
	case utf8Text:
		return append(dst, text...)
	case asciiText, latinText:
		limit := rune(0x7f)
		if c.kind == latinText {
			limit = 0xff
		}
		for _, r := range string(text) {
			if r > limit {
				r = '?'
			}
			dst = append(dst, byte(r))
		}
		return dst
	case utf32Text:
		for _, r := range string(text) {
			dst = binary.BigEndian.AppendUint32(dst, uint32(r))
		}
		return dst
	}
	for _, r := range string(text) {
		hi, lo := r, rune(-1)
		if r > 0xffff {
			hi, lo = utf16.EncodeRune(r)
		}
		dst = c.append16(dst, hi)
		if lo >= 0 {
			dst = c.append16(dst, lo)
		}
	}
	return dst
}

func (c Charset) append16(dst []byte, unit rune) []byte {
	if c.kind == utf16Little {
		return binary.LittleEndian.AppendUint16(dst, uint16(unit))
	}
	return binary.BigEndian.AppendUint16(dst, uint16(unit))
}

// Mark is what a file of this encoding begins with.
func (c Charset) Mark() []byte {
	if c.kind == utf16Text {
		return []byte{0xfe, 0xff}
	}
	return nil
}

// AppendValid adds text that should be UTF-8; each malformed piece becomes one replacement character, as in Java.
func AppendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r != utf8.RuneError || n > 1 {
			dst = append(dst, text[:n]...)
			text = text[n:]
			continue
		}
		dst = append(dst, replacement...)
		text = text[malformed(text):]
	}
	return dst
}

// malformed is the length of the malformed piece that b begins with: the longest beginning of a character,
// half a character of UTF-16 as a whole, or a byte.
func malformed(b []byte) int {
	lo, hi, need := byte(0x80), byte(0xbf), 0
	switch c := b[0]; {
	case c >= 0xe1 && c <= 0xef:
		need = 2
	case c == 0xe0:
		lo, need = 0xa0, 2
	case c >= 0xf1 && c <= 0xf3:
		need = 3
	case c == 0xf0:
		lo, need = 0x90, 3
	case c == 0xf4:
		hi, need = 0x8f, 3
	}
	n := 1
	for ; n < need+1 && n < len(b) && b[n] >= lo && b[n] <= hi; n++ {
		lo, hi = 0x80, 0xbf
	}
	return n
}
