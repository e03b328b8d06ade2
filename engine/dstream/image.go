package dstream

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"path"
	"regexp"
	"sort"
	"strconv"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// Image is what a checkpoint file holds: the graph and where it stands. The form is the engine's own: the line magic, the
// lengths of two parts, JSON and functions, and a checksum over all of it.
type Image struct {
	// Time is the newest batch generated; Pending are those up to it that have not ended well.
	Time      int64             `json:"time"`
	Zero      int64             `json:"zero"`
	Batch     int64             `json:"batchMs"`
	Remember  int64             `json:"rememberMs,omitempty"`
	Directory string            `json:"directory"`
	Conf      map[string]string `json:"conf"`
	Pending   []int64           `json:"pending"`
	Nodes     []NodeImage       `json:"nodes"`
	Outputs   []OutputSpec      `json:"outputs"`
	// Functions are the user's, pickled by the driver.
	Functions []byte `json:"-"`
}

// NodeImage is a stream: how it was made, where its RDDs are saved, which files it took for which batch.
type NodeImage struct {
	Spec
	Saved   map[int64]string   `json:"saved,omitempty"`
	Files   map[int64][]string `json:"files,omitempty"`
	Through int64              `json:"through,omitempty"`
}

const magic = "pysparkcompat dstream checkpoint 1\n"

func (i *Image) encode() ([]byte, error) {
	text, err := json.Marshal(i)
	if err != nil {
		return nil, errs.Internal("checkpoint: %v", err)
	}
	out := []byte(magic)
	for _, part := range [][]byte{text, i.Functions} {
		out = binary.LittleEndian.AppendUint64(out, uint64(len(part)))
		out = append(out, part...)
	}
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli)), nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func decode(data []byte) (*Image, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(rest) < 4 || crc32.Checksum(data[:len(data)-4], castagnoli) != binary.LittleEndian.Uint32(data[len(data)-4:]) {
		return nil, false
	}
	rest = rest[:len(rest)-4]
	var parts [2][]byte
	for p := range parts {
		if len(rest) < 8 || uint64(len(rest)-8) < binary.LittleEndian.Uint64(rest) {
			return nil, false
		}
		n := binary.LittleEndian.Uint64(rest)
		parts[p], rest = rest[8:8+n], rest[8+n:]
	}
	var i Image
	if json.Unmarshal(parts[0], &i) != nil || i.Batch <= 0 {
		return nil, false
	}
	i.Functions = parts[1]
	return &i, true
}

var fileName = regexp.MustCompile(`^checkpoint-([0-9]+)(\.bk)?$`)

// images lists the checkpoint files of a folder, oldest first; of one time the backup is the older.
func images(fs vfs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	type file struct {
		name   string
		time   int64
		backup bool
	}
	var list []file
	for _, e := range entries {
		if m := fileName.FindStringSubmatch(e.Name()); m != nil && !e.IsDir() {
			t, _ := strconv.ParseInt(m[1], 10, 64)
			list = append(list, file{e.Name(), t, m[2] != ""})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].time != list[j].time {
			return list[i].time < list[j].time
		}
		return list[i].backup && !list[j].backup
	})
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = f.name
	}
	return out, nil
}

// Read gives the newest checkpoint of a folder that can be read, or nil where there is none at all. warn is told of files
// that are passed over.
func Read(fs vfs.FS, dir string, warn func(string)) (*Image, error) {
	names, err := images(fs, dir)
	if err != nil || len(names) == 0 {
		return nil, nil //nolint:nilerr // no folder is no checkpoint
	}
	for i := len(names) - 1; i >= 0; i-- {
		place := path.Join(dir, names[i])
		image, err := ReadFile(fs, place)
		if err == nil {
			return image, image.usable(dir)
		}
		warn("The checkpoint " + place + " cannot be read, the one before it is tried: " + err.Error())
	}
	return nil, errs.New(errs.Unnamed+"DSTREAM_CHECKPOINT_UNREADABLE", "directory", dir)
}

// ReadFile reads one checkpoint file.
func ReadFile(fs vfs.FS, name string) (*Image, error) {
	data, err := vfs.ReadFile(fs, name)
	if err != nil {
		return nil, err
	}
	if image, ok := decode(data); ok {
		return image, nil
	}
	return nil, errs.New(errs.Unnamed+"DSTREAM_CHECKPOINT_BROKEN", "path", name)
}

// usable refuses what cannot go on.
func (i *Image) usable(dir string) error {
	for _, n := range i.Nodes {
		if n.Kind == Queue {
			return errs.New(errs.Unnamed+"DSTREAM_QUEUE_RECOVERY", "directory", dir)
		}
	}
	return nil
}

// Recover is a context that goes on from a checkpoint; the clock and the driver are the config's.
func Recover(c Config, i *Image) (*Context, error) {
	g := newGraph(i.Batch)
	g.remember = i.Remember
	for _, saved := range i.Nodes {
		n, err := g.add(saved.Spec)
		if err != nil {
			return nil, err
		}
		for t, p := range saved.Saved {
			n.restored[t] = p
		}
		for t, paths := range saved.Files {
			n.files.take(t, paths)
		}
		if n.files != nil {
			n.files.through = saved.Through
			n.files.window = rememberFiles(c.Conf.Seconds(conf.RememberFiles).Milliseconds(), n.slide)
		}
	}
	g.outputs = i.Outputs
	c.Batch = i.Batch
	out := newContext(c, g)
	out.recovered, out.directory = i, i.Directory
	return out, nil
}

// missed are the batches that an earlier life did not end well or had no time for.
func (i *Image) missed(first int64) []int64 {
	var out []int64
	for _, t := range i.Pending {
		if t < first {
			out = append(out, t)
		}
	}
	for t := i.Time + i.Batch; t < first; t += i.Batch {
		out = append(out, t)
	}
	return out
}

// image is where the context stands now. The generator makes it.
func (c *Context) image() *Image {
	i := &Image{Time: c.last, Zero: c.graph.zero, Batch: c.graph.batch, Remember: c.graph.remember, Directory: c.directory, Conf: c.begin.Conf,
		Functions: c.begin.Functions, Outputs: c.graph.outputs, Pending: c.scheduler.pending(c.last - c.graph.reach())}
	for _, n := range c.graph.nodes {
		s := NodeImage{Spec: n.Spec, Saved: map[int64]string{}}
		for _, m := range []map[int64]string{n.saved, n.restored} {
			for t, p := range m {
				s.Saved[t] = p
			}
		}
		if n.files != nil {
			s.Through, s.Files = n.files.through, make(map[int64][]string, len(n.files.taken))
			for t, paths := range n.files.taken {
				s.Files[t] = paths
			}
		}
		i.Nodes = append(i.Nodes, s)
	}
	return i
}
