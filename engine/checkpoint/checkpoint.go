package checkpoint

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strconv"

	"github.com/google/uuid"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/vfs"
)

// logVersion is the newest version of the offset and commit logs that we read.
const logVersion = 2

// Checkpoint is a query's folder. The query owns it; its methods are called from one goroutine at a time, save that
// AddCommit and Purge may run beside reads of other epochs.
type Checkpoint struct {
	fs      vfs.FS
	dir     string
	id      string
	offsets *metalog.Log
	commits *metalog.Log
}

// Open reads a checkpoint's folder, or makes it: the id of the query is kept in it.
func Open(files vfs.FS, dir string) (*Checkpoint, error) {
	if err := vfs.MayBeFolder(files, dir); err != nil {
		return nil, err
	}
	c := &Checkpoint{fs: files, dir: dir}
	var err error
	if c.offsets, err = metalog.Open(files, c.path("offsets"), logVersion); err != nil {
		return nil, err
	}
	if c.commits, err = metalog.Open(files, c.path("commits"), logVersion); err != nil {
		return nil, err
	}
	if c.id, err = c.readID(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Checkpoint) path(name string) string { return path.Join(c.dir, name) }

// ID is the query's id, the same over restarts.
func (c *Checkpoint) ID() string { return c.id }

// Dir is the folder; SourceDir and StateDir lie in it.
func (c *Checkpoint) Dir() string            { return c.dir }
func (c *Checkpoint) SourceDir(n int) string { return c.path("sources/" + strconv.Itoa(n)) }
func (c *Checkpoint) StateDir() string       { return c.path("state") }

// readID reads the metadata file; a folder without one that has entries belongs to no query.
func (c *Checkpoint) readID() (string, error) {
	body, err := vfs.ReadFile(c.fs, c.path("metadata"))
	if errors.Is(err, fs.ErrNotExist) {
		return c.makeID()
	}
	if err != nil {
		return "", err
	}
	var m struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.ID == "" {
		return "", errs.New(errs.Unnamed+"CHECKPOINT_METADATA", "path", c.path("metadata"), "text", string(body))
	}
	return m.ID, nil
}

func (c *Checkpoint) makeID() (string, error) {
	for _, log := range []*metalog.Log{c.offsets, c.commits} {
		if ids, err := log.IDs(); err != nil {
			return "", err
		} else if len(ids) > 0 {
			if _, err := c.fs.Stat(c.path("metadata")); err == nil {
				return c.readID() // another start made it, and began, since this one looked
			}
			return "", errs.New("STREAMING_CHECKPOINT_MISSING_METADATA_FILE", "checkpointLocation", c.dir)
		}
	}
	id := uuid.NewString()
	body, err := json.Marshal(map[string]string{"id": id})
	if err != nil {
		return "", err
	}
	temp := c.path(".metadata." + uuid.NewString() + ".tmp")
	err = vfs.WriteFile(c.fs, temp, body, true)
	if err == nil {
		err = c.fs.Link(temp, c.path("metadata"))
	}
	if removed := c.fs.Remove(temp); err == nil {
		err = removed
	}
	if errors.Is(err, fs.ErrExist) {
		return c.readID() // another start was sooner: both are the same query
	}
	if err == nil {
		err = c.fs.SyncDir(c.dir)
	}
	return id, err
}

// History reads what recovery decides from.
func (c *Checkpoint) History() (History, error) {
	h := History{LatestID: -1, CommitID: -1}
	id, body, ok, err := c.offsets.Latest()
	if err != nil {
		return h, err
	}
	if ok {
		h.LatestID = id
		if h.Latest, err = DecodeOffsets(body); err != nil {
			return h, c.offsets.Unreadable(id, err)
		}
		if h.Before, err = c.Offsets(id - 1); err != nil {
			return h, err
		}
	}
	id, body, ok, err = c.commits.Latest()
	if err != nil || !ok {
		return h, err
	}
	h.CommitID = id
	if h.Commit, err = DecodeCommit(body); err != nil {
		return h, c.commits.Unreadable(id, err)
	}
	return h, nil
}

// Offsets reads an epoch's entry, or nil where it is not kept.
func (c *Checkpoint) Offsets(epoch int64) (*Offsets, error) {
	if epoch < 0 {
		return nil, nil
	}
	body, ok, err := c.offsets.Get(epoch)
	if err != nil || !ok {
		return nil, err
	}
	o, err := DecodeOffsets(body)
	if err != nil {
		return nil, c.offsets.Unreadable(epoch, err)
	}
	return o, nil
}

// AddOffsets writes an epoch's offsets durably. Where the epoch is logged already, by another process on this
// checkpoint, it raises CONCURRENT_STREAM_LOG_UPDATE.
func (c *Checkpoint) AddOffsets(epoch int64, o *Offsets) error {
	body, err := o.Encode()
	if err != nil {
		return err
	}
	return add(c.offsets, epoch, body, true)
}

// AddCommit writes an epoch's commit durably.
func (c *Checkpoint) AddCommit(epoch int64, commit *Commit) error {
	body, err := commit.Encode()
	if err != nil {
		return err
	}
	return add(c.commits, epoch, body, false)
}

func add(log *metalog.Log, epoch int64, body []byte, offsets bool) error {
	added, err := log.Add(epoch, body)
	if err == nil && !added {
		return errs.New("CONCURRENT_STREAM_LOG_UPDATE", "batchId", strconv.FormatInt(epoch, 10))
	}
	if err != nil {
		kind := "COMMIT_LOG"
		if offsets {
			kind = "OFFSET_LOG"
		}
		return errs.New("STREAMING_CHECKPOINT_LOG_WRITE_FAILURE."+kind, "batchId", strconv.FormatInt(epoch, 10),
			"checkpointLocation", path.Dir(log.Dir())).WithCause(err)
	}
	return nil
}

// Purge forgets the epochs before keep.
func (c *Checkpoint) Purge(keep int64) error {
	if err := c.offsets.Purge(keep); err != nil {
		return err
	}
	return c.commits.Purge(keep)
}

func contradiction(commit, latest int64) error {
	return errs.New(errs.Unnamed+"CHECKPOINT_CONTRADICTORY", "commit", strconv.FormatInt(commit, 10), "offsets", strconv.FormatInt(latest, 10))
}
