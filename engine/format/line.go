package format

import "bytes"

// Line cuts the first line off a text: it ends at sep, or with an empty sep at \n, \r\n or \r. used is how far the line
// and its end reach; ok is false where more text is needed to tell. clean says that there is no \r in the text, last that
// no text follows: what is left then is a line.
func Line(text, sep []byte, clean, last bool) (line []byte, used int, ok bool) {
	if len(sep) > 0 {
		if i := bytes.Index(text, sep); i >= 0 {
			return text[:i], i + len(sep), true
		}
		return text, len(text), last && len(text) > 0
	}
	i := bytes.IndexByte(text, '\n')
	if !clean {
		head := text
		if i >= 0 {
			head = text[:i]
		}
		if c := bytes.IndexByte(head, '\r'); c >= 0 {
			switch {
			case c+1 < len(text) && text[c+1] == '\n':
				return text[:c], c + 2, true
			case c+1 < len(text) || last:
				return text[:c], c + 1, true
			}
			return nil, 0, false // \n may follow
		}
	}
	if i >= 0 {
		return text[:i], i + 1, true
	}
	return text, len(text), last && len(text) > 0
}
