package source

import (
	"context"
	"path"
	"strings"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// openFiles opens a folder or files as a batch source: listed once, read as they were listed.
func openFiles(f fileFormat) func(context.Context, *Env) (Table, error) {
	return func(ctx context.Context, e *Env) (Table, error) {
		paths, err := e.paths()
		if err != nil {
			return nil, err
		}
		set, err := newFileSet(e, paths)
		if err != nil {
			return nil, err
		}
		found, err := set.list(ctx)
		if err != nil {
			return nil, err
		}
		for i, p := range set.listing.roots {
			if e.Table {
				break
			}
			if len(found.byRoot[i]) == 0 {
				return nil, errs.New("PATH_NOT_FOUND", "path", "file:"+p)
			}
		}
		found.inPlace = !e.Table && found.committed()
		scan, err := newFileScan(ctx, e, f, found)
		if err != nil {
			return nil, err
		}
		values, err := found.layout.valuesOf(scan.parts, found.files)
		if err != nil {
			return nil, err
		}
		return &fileTable{scan: scan, files: found.files, values: values, roots: set.listing.roots}, nil
	}
}

// fileTable is a bounded set of files.
type fileTable struct {
	scan   *fileScan
	files  []file
	values [][]any
	roots  []string
}

func (t *fileTable) Schema() types.Struct { return t.scan.schema }
func (t *fileTable) Splits(context.Context) ([]Split, error) {
	return t.scan.splits(t.files, t.values)
}

// InputFiles are the files that were found when the table was opened.
func (t *fileTable) InputFiles() ([]string, error) {
	out := make([]string, len(t.files))
	for i, f := range t.files {
		out[i] = uri(f.path)
	}
	return out, nil
}

func (t *fileTable) Describe() string {
	return strings.ToLower(t.scan.format.label()) + " file:" + strings.Join(t.roots, ",file:")
}

// fileSet is what the options say about which files count, and how folders become columns.
type fileSet struct {
	env     *Env
	listing listing
	layout  layout
	// basePath is the option's.
	basePath string
}

// found is the outcome of a listing.
type found struct {
	files []file
	// byRoot is the trees of each given path: none where nothing is there.
	byRoot [][]tree
	parts  []types.Field
	// inPlace leaves partition columns where the user's schema has them.
	inPlace bool
	layout  *layout
}

// committed says that the one path is a file sink's folder.
func (f *found) committed() bool {
	return len(f.byRoot) == 1 && len(f.byRoot[0]) == 1 && f.byRoot[0][0].committed
}

func newFileSet(e *Env, paths []string) (*fileSet, error) {
	s := &fileSet{env: e, listing: listing{fs: e.FS}}
	for _, p := range paths {
		local, err := localPath(p)
		if err != nil {
			return nil, err
		}
		s.listing.roots = append(s.listing.roots, local)
	}
	var err error
	if s.listing.recursive, err = e.flag("recursiveFileLookup", false); err != nil {
		return nil, err
	}
	s.listing.glob, _ = e.option("pathGlobFilter")
	if _, err := matchName(s.listing.glob, ""); err != nil {
		return nil, err
	}
	for name, to := range map[string]*time.Time{"modifiedBefore": &s.listing.before, "modifiedAfter": &s.listing.after} {
		if err := s.moment(name, to); err != nil {
			return nil, err
		}
	}
	s.layout = layout{caseSensitive: e.Conf.Bool("spark.sql.caseSensitive"),
		infer: e.Conf.Bool("spark.sql.sources.partitionColumnTypeInference.enabled"), calendar: e.calendar()}
	return s, s.base()
}

func (e *Env) calendar() calendar { return calendar{zone: e.Zone, now: e.Clock.Now} }

// moment reads modifiedBefore and modifiedAfter.
func (s *fileSet) moment(name string, to *time.Time) error {
	text, ok := s.env.option(name)
	if !ok {
		return nil
	}
	cal := s.env.calendar()
	if zoneName, ok := s.env.option("timeZone"); ok {
		loc, found := zone.Find(zoneName)
		if !found {
			return errs.New("INVALID_TIMEZONE", "timeZone", zoneName)
		}
		cal.zone = loc
	}
	v, ok := types.ParseTimestamp([]byte(text), cal.clock(), cal.today)
	if !ok {
		return errs.New("_LEGACY_ERROR_TEMP_1294", "strategy", strings.ToLower(name), "timeString", text)
	}
	*to = time.UnixMicro(v)
	return nil
}

func (s *fileSet) base() error {
	text, ok := s.env.option("basePath")
	if !ok {
		return nil
	}
	p, err := localPath(text)
	if err != nil {
		return err
	}
	if info, err := s.env.FS.Stat(p); err != nil || !info.IsDir() {
		return errs.New(errs.Unnamed+"OPTION_TEXT", "message", "Option 'basePath' must be a directory")
	}
	s.basePath = p
	return nil
}

// list finds the files that count.
func (s *fileSet) list(ctx context.Context) (*found, error) {
	out := &found{layout: s.over(nil)}
	var trees []tree
	for _, root := range s.listing.roots {
		one := s.listing
		one.roots = []string{root}
		below, err := s.below(ctx, &one)
		if err != nil {
			return nil, err
		}
		out.byRoot = append(out.byRoot, below)
		trees = append(trees, below...)
	}
	out.layout = s.over(trees)
	if s.env.Table {
		for _, name := range s.env.Partitions {
			out.parts = append(out.parts, s.env.Schema.Fields[fieldIndex(*s.env.Schema, name, true)])
		}
	} else if !s.listing.recursive {
		var err error
		if out.parts, err = out.layout.discover(folders(trees)); err != nil {
			return nil, err
		}
	}
	return out, s.pick(out, trees)
}

// over is the layout whose bases are these trees' roots.
func (s *fileSet) over(trees []tree) *layout {
	l := s.layout
	l.bases = map[string]bool{}
	for _, t := range trees {
		switch {
		case s.basePath != "":
			l.bases[s.basePath] = true
		case t.leaf:
			l.bases[path.Dir(t.root)] = true
		default:
			l.bases[t.root] = true
		}
	}
	return &l
}

// rooted is the layout of the roots as they are now, without a walk.
func (s *fileSet) rooted() (*layout, error) {
	var trees []tree
	for _, root := range s.listing.roots {
		paths, err := s.listing.expand(root)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			if info, err := s.env.FS.Stat(p); err == nil {
				trees = append(trees, tree{root: p, leaf: !info.IsDir()})
			}
		}
	}
	return s.over(trees), nil
}

// below walks one path; the folder of a file sink gives what its log says is committed.
func (s *fileSet) below(ctx context.Context, l *listing) ([]tree, error) {
	root := l.roots[0]
	if !isGlob(root) {
		files, ok, err := committedFiles(s.env, root)
		if err != nil {
			return nil, err
		}
		if ok {
			return []tree{{root: root, files: files, committed: true}}, nil
		}
	}
	return l.walk(ctx)
}

func folders(trees []tree) []string {
	seen := map[string]bool{}
	for _, t := range trees {
		for _, f := range t.files {
			seen[path.Dir(f.path)] = true
		}
	}
	return sortedKeys(seen)
}

// pick applies Spark's rule: with partition columns, the files in partition folders; without, those directly in the
// folders given; all when looking recursively.
func (s *fileSet) pick(out *found, trees []tree) error {
	for _, t := range trees {
		for _, f := range t.files {
			dir := path.Dir(f.path)
			switch {
			case s.listing.recursive || t.committed:
			case len(out.parts) > 0:
				pairs, _, err := out.layout.pairsOf(dir)
				if err != nil {
					return err
				}
				if len(pairs) == 0 {
					continue
				}
			case !t.leaf && dir != t.root:
				continue
			}
			ok, err := s.listing.wanted(f)
			if err != nil {
				return err
			}
			if ok {
				out.files = append(out.files, f)
			}
		}
	}
	return nil
}

// valuesOf reads the partition columns of each file; nil where there are none.
func (l *layout) valuesOf(parts []types.Field, files []file) ([][]any, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	known := map[string][]any{}
	out := make([][]any, len(files))
	for i, f := range files {
		dir := path.Dir(f.path)
		values, ok := known[dir]
		if !ok {
			pairs, _, err := l.pairsOf(dir)
			if err != nil {
				return nil, err
			}
			values = make([]any, len(parts))
			for j, p := range parts {
				for _, have := range pairs {
					if have.name == p.Name || !l.caseSensitive && strings.EqualFold(have.name, p.Name) {
						if values[j], err = l.calendar.valueOf(p, have.raw); err != nil {
							return nil, err
						}
					}
				}
			}
			known[dir] = values
		}
		out[i] = values
	}
	return out, nil
}

// newFileScan settles the schema: the user's or an inferred one, with partition columns.
func newFileScan(ctx context.Context, e *Env, f fileFormat, in *found) (*fileScan, error) {
	s := &fileScan{env: e, format: f, caseSensitive: e.Conf.Bool("spark.sql.caseSensitive")}
	var err error
	if s.ignoreMissing, err = e.flag("ignoreMissingFiles", e.Conf.Bool("spark.sql.files.ignoreMissingFiles")); err != nil {
		return nil, err
	}
	if s.ignoreCorrupt, err = e.flag("ignoreCorruptFiles", e.Conf.Bool("spark.sql.files.ignoreCorruptFiles")); err != nil {
		return nil, err
	}
	if s.opts, err = f.options(e); err != nil {
		return nil, err
	}
	s.parts = append([]types.Field(nil), in.parts...)
	if e.Schema != nil {
		s.fromUser(*e.Schema, in.inPlace)
	} else if err := s.fromFiles(ctx, in.files); err != nil {
		return nil, err
	}
	if err := s.unique(); err != nil {
		return nil, err
	}
	return s, f.check(s.data)
}

// fromUser takes the user's fields; those that are partition columns have the user's type and move behind, or stay where
// the user has them, as in a file sink's folder.
func (s *fileScan) fromUser(user types.Struct, stay bool) {
	for _, f := range user.Fields {
		f.Nullable = true
		if i := fieldIndex(types.Struct{Fields: s.parts}, f.Name, s.caseSensitive); i >= 0 {
			s.parts[i].Name, s.parts[i].Type = f.Name, f.Type
			if stay {
				s.slots = append(s.slots, ^i)
				s.schema.Fields = append(s.schema.Fields, s.parts[i])
			}
			continue
		}
		s.slots = append(s.slots, len(s.data.Fields))
		s.data.Fields = append(s.data.Fields, f)
		s.schema.Fields = append(s.schema.Fields, f)
	}
	s.appendParts()
}

// fromFiles infers; a partition column that the files hold too keeps its place there and has the folder's value.
func (s *fileScan) fromFiles(ctx context.Context, files []file) error {
	data, ok, err := s.format.infer(ctx, s.env, files)
	if err != nil {
		return err
	}
	if !ok {
		return errs.New("UNABLE_TO_INFER_SCHEMA", "format", s.format.label())
	}
	s.data = data
	for i, f := range data.Fields {
		slot := i
		if p := fieldIndex(types.Struct{Fields: s.parts}, f.Name, s.caseSensitive); p >= 0 {
			f, slot = s.parts[p], ^p
		}
		s.slots = append(s.slots, slot)
		s.schema.Fields = append(s.schema.Fields, f)
	}
	s.appendParts()
	return nil
}

func (s *fileScan) appendParts() {
	for p, f := range s.parts {
		if fieldIndex(s.schema, f.Name, s.caseSensitive) < 0 {
			s.slots = append(s.slots, ^p)
			s.schema.Fields = append(s.schema.Fields, f)
		}
	}
}

func (s *fileScan) unique() error {
	seen := map[string]bool{}
	for _, f := range s.schema.Fields {
		name := f.Name
		if !s.caseSensitive {
			name = strings.ToLower(name)
		}
		if seen[name] {
			return errs.New("COLUMN_ALREADY_EXISTS", "columnName", "`"+name+"`")
		}
		seen[name] = true
	}
	return nil
}

func fieldIndex(s types.Struct, name string, caseSensitive bool) int {
	for i, f := range s.Fields {
		if f.Name == name || !caseSensitive && strings.EqualFold(f.Name, name) {
			return i
		}
	}
	return -1
}
