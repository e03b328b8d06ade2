package source

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"sort"
	"strconv"
	"sync"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/types"
)

// streamFiles opens a folder as a stream: files that arrive are rows that arrive.
func streamFiles(f fileFormat) func(context.Context, *Env) (Definition, error) {
	return func(ctx context.Context, e *Env) (Definition, error) {
		paths, err := e.paths()
		if err != nil {
			return nil, err
		}
		if len(paths) != 1 {
			return nil, errs.New("_LEGACY_ERROR_TEMP_2047")
		}
		if e.Schema == nil && !e.Conf.Bool("spark.sql.streaming.schemaInference") && f != fileFormat(textFormat{}) {
			return nil, errs.New("_LEGACY_ERROR_TEMP_2048")
		}
		set, err := newFileSet(e, paths)
		if err != nil {
			return nil, err
		}
		found, err := set.list(ctx)
		if err != nil {
			return nil, err
		}
		if root := set.listing.roots[0]; !e.Table && !isGlob(root) && len(found.byRoot[0]) == 0 {
			return nil, errs.New("PATH_NOT_FOUND", "path", paths[0])
		}
		scan, err := newFileScan(ctx, e, f, found)
		if err != nil {
			return nil, err
		}
		return &fileDefinition{scan: scan, set: set}, nil
	}
}

type fileDefinition struct {
	scan *fileScan
	set  *fileSet
}

func (d *fileDefinition) Schema() types.Struct { return d.scan.schema }
func (d *fileDefinition) Describe() string {
	return "FileStreamSource[file:" + d.set.listing.roots[0] + "]"
}

// Sifts says that readers leave out, row by row, what filters leave out.
func (d *fileDefinition) Sifts() bool {
	switch d.scan.format.(type) {
	case jsonFormat, csvFormat:
		return true
	}
	return false
}

// logged is one line of the source's log: a file, and the entry that took it.
type logged struct {
	Path      string `json:"path"`
	Timestamp int64  `json:"timestamp"`
	BatchID   int64  `json:"batchId"`
}

func readLogged(line []byte) (l logged, err error) {
	if err = json.Unmarshal(line, &l); err == nil && l.Path == "" {
		err = errors.New("it names no path")
	}
	return l, err
}

// logOffset is the source's offset.
type logOffset struct {
	LogOffset int64 `json:"logOffset"`
}

func (d *fileDefinition) Start(ctx context.Context, log string) (Stream, error) {
	o, err := readStreamOptions(d.scan.env)
	if err != nil {
		return nil, err
	}
	if root := d.set.listing.roots[0]; !isGlob(root) && d.set.basePath == "" {
		if info, err := d.scan.env.FS.Stat(root); err == nil && !info.IsDir() {
			return nil, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "Option 'basePath' must be a directory")
		}
	}
	c := d.scan.env.Conf
	cleaner, err := newCleaner(d.scan.env, d.set.listing.roots[0])
	if err != nil {
		return nil, err
	}
	s := &fileStream{fileDefinition: d, o: o, cleaner: cleaner, ready: make(chan struct{}, 1), armed: make(chan struct{}, 1), done: make(chan struct{})}
	s.log, err = metalog.OpenCompacted(d.scan.env.FS, log, metalog.Compaction{
		Interval: c.Int("spark.sql.streaming.fileSource.log.compactInterval"), Delete: c.Bool("spark.sql.streaming.fileSource.log.deletion"),
		CleanupDelay: c.Millis("spark.sql.streaming.fileSource.log.cleanupDelay"), MinBatches: c.Int("spark.sql.streaming.minBatchesToRetain"),
	}, d.scan.env.Clock, manifest.Line[logged], readLogged)
	if err != nil {
		return nil, err
	}
	if err := s.restore(); err != nil {
		return nil, err
	}
	s.watching.Add(1)
	go s.watch(context.WithoutCancel(ctx))
	return s, nil
}

// streamOptions are FileStreamSource's own.
type streamOptions struct {
	maxFiles, maxBytes int64 // 0 is no limit
	latestFirst        bool
	nameOnly           bool
	maxAge             time.Duration
}

func readStreamOptions(e *Env) (o streamOptions, err error) {
	positive := func(name string) (int64, error) {
		v, ok := e.option(name)
		if !ok {
			return 0, nil
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n <= 0 {
			return 0, errs.New(errs.Unnamed+"OPTION", "value", v, "option", name, "must", "a positive integer")
		}
		return n, nil
	}
	boolean := func(name string) (bool, error) {
		v, ok := e.option(name)
		b, err := strconv.ParseBool(v)
		if ok && (err != nil || len(v) < 4) {
			return false, errs.New(errs.Unnamed+"OPTION", "value", v, "option", name, "must", "'true' or 'false'")
		}
		return b, nil
	}
	if o.maxFiles, err = positive("maxFilesPerTrigger"); err != nil {
		return o, err
	}
	if o.maxBytes, err = positive("maxBytesPerTrigger"); err != nil {
		return o, err
	}
	if o.maxFiles > 0 && o.maxBytes > 0 {
		return o, errs.New(errs.Unnamed+"OPTION_TEXT", "message",
			"Options 'maxFilesPerTrigger' and 'maxBytesPerTrigger' can't be both set at the same time")
	}
	if o.latestFirst, err = boolean("latestFirst"); err != nil {
		return o, err
	}
	if o.nameOnly, err = boolean("fileNameOnly"); err != nil {
		return o, err
	}
	if err := checkCached(e); err != nil {
		return o, err
	}
	return o, o.readAge(e)
}

// checkCached checks the options of Spark's cache of a listing, which has no meaning here.
func checkCached(e *Env) error {
	if v, ok := e.option("maxCachedFiles"); ok {
		if n, err := strconv.ParseInt(v, 10, 32); err != nil || n < 0 {
			return errs.New(errs.Unnamed+"OPTION", "value", v, "option", "maxCachedFiles", "must", "an integer greater than or equal to 0")
		}
	}
	if v, ok := e.option("discardCachedInputRatio"); ok {
		if f, err := strconv.ParseFloat(v, 32); err != nil || f < 0 || f > 1 {
			return errs.New(errs.Unnamed+"OPTION", "value", v, "option", "discardCachedInputRatio", "must", "a positive decimal between 0.0 and 1.0")
		}
	}
	return nil
}

func (o *streamOptions) readAge(e *Env) error {
	o.maxAge = 7 * 24 * time.Hour
	if v, ok := e.option("maxFileAge"); ok {
		d, err := duration(v)
		if err != nil {
			return err
		}
		o.maxAge = d
		if d < 0 {
			return errs.New(errs.Unnamed+"OPTION", "value", v, "option", "maxFileAge", "must", "a time that is not negative")
		}
	}
	if o.latestFirst && (o.maxFiles > 0 || o.maxBytes > 0) {
		o.maxAge = -1 // the oldest files come last: none is too old
	}
	return nil
}

// fileStream is a running file source. mu guards what the watcher shares with the query.
type fileStream struct {
	*fileDefinition
	o       streamOptions
	cleaner *cleaner // nil where files stay
	// logging guards log: Commit may run beside the next Latest.
	logging sync.Mutex
	log     *metalog.Compacted[logged]

	mu      sync.Mutex
	current int64 // the newest entry of the log, -1 before the first
	recent  map[int64][]logged
	seen    map[string]int64 // path or name -> modification time in milliseconds
	newest  int64            // latest modification time seen
	horizon int64            // files older than this were forgotten
	cleaned int64            // the newest entry whose files the cleaner has seen
	frozen  []file           // what availableNow reads; nil when not frozen
	fixed   bool

	ready, armed, done chan struct{}
	closing            sync.Once
	watching           sync.WaitGroup
}

func (s *fileStream) restore() error {
	all, err := s.log.All()
	if err != nil {
		return err
	}
	s.seen, s.recent, s.current = make(map[string]int64, len(all)), map[int64][]logged{}, -1
	s.cleaned = -1
	for _, l := range all {
		s.see(manifest.Path(l.Path), l.Timestamp)
	}
	s.purge()
	if id, ok, err := s.log.Latest(); err != nil {
		return err
	} else if ok {
		s.current = id
	}
	return nil
}

func (s *fileStream) key(p string) string {
	if s.o.nameOnly {
		return path.Base(p)
	}
	return p
}

func (s *fileStream) see(p string, millis int64) {
	s.seen[s.key(p)] = millis
	s.newest = max(s.newest, millis)
}

// purge forgets files that are too old to be taken again.
func (s *fileStream) purge() {
	if s.o.maxAge < 0 {
		return
	}
	s.horizon = s.newest - s.o.maxAge.Milliseconds()
	for p, t := range s.seen {
		if t < s.horizon {
			delete(s.seen, p)
		}
	}
}

// fresh lists the files that were not taken yet, in the order of taking.
func (s *fileStream) fresh(ctx context.Context) ([]file, error) {
	found, err := s.set.list(ctx)
	if err != nil {
		return nil, err
	}
	return s.unseen(found.files), nil
}

func (s *fileStream) unseen(files []file) []file {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []file
	for _, f := range files {
		if _, ok := s.seen[s.key(f.path)]; !ok && (s.o.maxAge < 0 || f.mod.UnixMilli() >= s.horizon) {
			out = append(out, f)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if am, bm := a.mod.UnixMilli(), b.mod.UnixMilli(); am != bm {
			return (am < bm) != s.o.latestFirst
		}
		return a.path < b.path
	})
	return out
}

func (s *fileStream) Prepare(ctx context.Context) error {
	files, err := s.fresh(ctx)
	s.frozen, s.fixed = files, true
	return err
}

func (s *fileStream) Latest(ctx context.Context, start Offset, limit Limit) (Offset, error) {
	from, err := offsetID(start)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	current := s.current
	s.mu.Unlock()
	if from > current {
		// An entry that is gone would be written again, and what it then names would count as read.
		return nil, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "batch "+strconv.FormatInt(from, 10)+" doesn't exist in the source's log, which ends with "+
			strconv.FormatInt(current, 10)+". Restore the checkpoint or start on another one.")
	}
	if from < current {
		// Logged before a crash that came before the offset: the epoch is to be the one it would have been.
		return offsetOf(current), nil
	}
	files, err := s.candidates(ctx)
	if err != nil {
		return nil, err
	}
	files = s.take(files, limit)
	if len(files) == 0 {
		if !s.fixed {
			s.arm()
		}
		return start, nil
	}
	if err := s.enter(ctx, current+1, files); err != nil {
		return nil, err
	}
	return offsetOf(current + 1), nil
}

func (s *fileStream) candidates(ctx context.Context) ([]file, error) {
	if s.fixed {
		return s.unseen(s.frozen), nil
	}
	return s.fresh(ctx)
}

// take applies the rate options.
func (s *fileStream) take(files []file, limit Limit) []file {
	switch {
	case limit.Ignore:
	case s.o.maxFiles > 0 && int64(len(files)) > s.o.maxFiles:
		return files[:s.o.maxFiles]
	case s.o.maxBytes > 0:
		total := int64(0)
		for i, f := range files {
			if total += f.size; total > s.o.maxBytes && i > 0 {
				return files[:i]
			}
		}
	}
	return files
}

// enter writes the log's entry.
func (s *fileStream) enter(ctx context.Context, id int64, files []file) error {
	entries := make([]logged, len(files))
	for i, f := range files {
		entries[i] = logged{Path: uri(f.path), Timestamp: f.mod.UnixMilli(), BatchID: id}
	}
	s.logging.Lock()
	added, err := s.log.Add(ctx, id, entries)
	s.logging.Unlock()
	if err != nil {
		return err
	}
	if !added {
		return errs.New("CONCURRENT_STREAM_LOG_UPDATE", "batchId", strconv.FormatInt(id, 10))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range files {
		s.see(f.path, f.mod.UnixMilli())
	}
	s.purge()
	s.current = id
	s.recent[id] = entries
	return nil
}

func offsetID(o Offset) (int64, error) {
	if o == nil || string(o) == "null" {
		return -1, nil
	}
	var l logOffset
	if err := json.Unmarshal(o, &l); err == nil {
		return l.LogOffset, nil
	}
	// Older checkpoints hold the bare number.
	n, err := strconv.ParseInt(string(o), 10, 64)
	if err != nil {
		return 0, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "The offset "+string(o)+" is none of a file source.")
	}
	return n, nil
}

func offsetOf(id int64) Offset {
	b, _ := json.Marshal(logOffset{id})
	return b
}

func (s *fileStream) Splits(ctx context.Context, start, end Offset) ([]Split, error) {
	from, err := offsetID(start)
	if err != nil {
		return nil, err
	}
	to, err := offsetID(end)
	if err != nil {
		return nil, err
	}
	var files []file
	for id := from + 1; id <= to; id++ {
		entries, err := s.entries(id)
		if err != nil {
			return nil, err
		}
		for _, l := range entries {
			f := file{path: manifest.Path(l.Path), mod: time.UnixMilli(l.Timestamp)}
			info, err := s.scan.env.FS.Stat(f.path)
			if err != nil {
				// As PySpark: a file that is gone before it is read is no row, and no failure.
				if err = missingIsNone(err); err != nil {
					return nil, err
				}
				continue
			}
			f.size = info.Size()
			files = append(files, f)
		}
	}
	layout, err := s.set.rooted()
	if err != nil {
		return nil, err
	}
	values, err := layout.valuesOf(s.scan.parts, files)
	if err != nil {
		return nil, err
	}
	return s.scan.splits(files, values)
}

func (s *fileStream) entries(id int64) ([]logged, error) {
	s.mu.Lock()
	entries, ok := s.recent[id]
	s.mu.Unlock()
	if ok {
		return entries, nil
	}
	s.logging.Lock()
	defer s.logging.Unlock()
	all, ok, err := s.log.Get(id)
	if err != nil {
		return nil, err
	}
	if !ok {
		// Its own file expired; a later compaction holds it.
		if all, err = s.log.All(); err != nil {
			return nil, err
		}
	}
	var out []logged
	for _, l := range all {
		if l.BatchID == id {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return nil, errs.New(errs.Unnamed+"LOG_MISSING", "path", path.Join(s.log.Dir(), strconv.FormatInt(id, 10)),
			"latestId", strconv.FormatInt(s.current, 10), "compactInterval", strconv.Itoa(s.log.Interval()))
	}
	return out, nil
}

// clean cleans up after the epoch before the one that was committed: as in PySpark, the newest epoch's files stay.
func (s *fileStream) clean(before int64) error {
	if s.cleaner == nil || before < 0 || before <= s.cleaned {
		return nil
	}
	entries, err := s.entries(before)
	if err != nil {
		return err
	}
	for _, l := range entries {
		s.cleaner.clean(manifest.Path(l.Path))
	}
	s.cleaned = before
	return nil
}

// Commit forgets, expires old entries and prepares the next compaction: all that is not needed before rows flow.
func (s *fileStream) Commit(ctx context.Context, end Offset) error {
	to, err := offsetID(end)
	if err != nil {
		return err
	}
	if err := s.clean(to - 1); err != nil {
		return err
	}
	s.mu.Lock()
	for id := range s.recent {
		if id < to || id == to && s.cleaner == nil {
			delete(s.recent, id)
		}
	}
	next := s.current + 1
	s.mu.Unlock()
	s.logging.Lock()
	defer s.logging.Unlock()
	if err := s.log.Expire(next - 1); err != nil {
		return err
	}
	return s.log.Prepare(ctx, next)
}

func (s *fileStream) Ready() <-chan struct{}    { return s.ready }
func (s *fileStream) Replayable() bool          { return true }
func (s *fileStream) LatestForProgress() Offset { return nil }

// arm asks the watcher to look for files until there are some.
func (s *fileStream) arm() {
	select {
	case s.armed <- struct{}{}:
	default:
	}
}

// rest is how many times longer the watcher sleeps than its look took, so that large folders do not eat a core.
const rest = 20

// watch looks into the folder while the query has nothing to do. A look that fails signals too: Latest then says why.
func (s *fileStream) watch(ctx context.Context) {
	defer s.watching.Done()
	env := s.scan.env
	for {
		select {
		case <-s.done:
			return
		case <-s.armed:
		}
		sleep := env.Conf.Millis("spark.sql.streaming.pollingDelay")
		for news := false; !news; {
			select {
			case <-s.done:
				return
			case <-env.Clock.After(sleep):
			}
			before := env.Clock.Now()
			files, err := s.fresh(ctx)
			news = err != nil || len(files) > 0
			sleep = min(max(env.Conf.Millis("spark.sql.streaming.pollingDelay"), rest*env.Clock.Now().Sub(before)), time.Second)
		}
		select {
		case s.ready <- struct{}{}:
		default:
		}
	}
}

func (s *fileStream) Close() error {
	s.closing.Do(func() { close(s.done) })
	s.watching.Wait()
	return s.log.Close()
}
