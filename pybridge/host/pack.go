package host

import (
	"encoding/binary"
	"encoding/json"

	"pysparkcompat/engine/errs"
)

// A pack is JSON with attachments: the JSON's size and the number of attachments (4 bytes each), their sizes (8 bytes
// each), all little endian, then the JSON and the attachments. Calls of Do and tasks of workers travel so.
const packHead = 8

// PackHeader is what comes before the attachments, for who writes these from where they lie.
func PackHeader(head []byte, parts [][]byte) []byte {
	out := make([]byte, 0, packHead+8*len(parts)+len(head))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(parts)))
	for _, p := range parts {
		out = binary.LittleEndian.AppendUint64(out, uint64(len(p)))
	}
	return append(out, head...)
}

// Pack makes a pack of a value that JSON can say.
func Pack(value any, parts [][]byte) ([]byte, error) {
	head, err := json.Marshal(value)
	if err != nil {
		return nil, errs.Internal("a reply cannot be written: %v", err)
	}
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	header := PackHeader(head, parts)
	out := append(make([]byte, 0, len(header)+size), header...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out, nil
}

// Unpack gives a pack's JSON and attachments, which stay where they lie.
func Unpack(pack []byte) (head []byte, parts [][]byte, err error) {
	broken := errs.Internal("a message of %d bytes is no JSON with attachments", len(pack))
	if len(pack) < packHead {
		return nil, nil, broken
	}
	size, count := uint64(binary.LittleEndian.Uint32(pack)), uint64(binary.LittleEndian.Uint32(pack[4:]))
	sizes, left := pack[packHead:], uint64(len(pack)-packHead)
	if left < 8*count || left-8*count < size {
		return nil, nil, broken
	}
	body := sizes[8*count:]
	head, body = body[:size:size], body[size:]
	parts = make([][]byte, count)
	for i := range parts {
		n := binary.LittleEndian.Uint64(sizes[8*i:])
		if n > uint64(len(body)) {
			return nil, nil, broken
		}
		parts[i], body = body[:n:n], body[n:]
	}
	if len(body) > 0 {
		return nil, nil, broken
	}
	return head, parts, nil
}
