package engine

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
	"pysparkcompat/engine/zone"
)

// Session is a SparkSession: settings, views, queries. Safe for concurrent use.
type Session struct {
	engine  *Engine
	conf    *conf.Conf
	dir     string
	runner  udf.Runner
	cores   int
	queries *query.Manager
	cache   *cache

	// initial are the settings that the application began with: those of a further session of it.
	initial *conf.Conf

	mu         sync.Mutex
	clock      clock.Clock // nil for the engine's
	views      map[string]*Frame
	properties map[string]string // local ones, of the thread that ran a frame last
	tables     map[string]memoryTable
	// functions are the user's, by name in lower case.
	functions map[string]*expr.UDF
}

// NewSession starts a session with the builder's settings; dir is what relative paths are under.
func (e *Engine) NewSession(settings map[string]string, dir string, runner udf.Runner) (*Session, error) {
	c, err := conf.New(settings, nil)
	if err != nil {
		return nil, err
	}
	cores, err := coresOf(c.String(conf.Master))
	if err != nil {
		return nil, err
	}
	derived := map[string]string{conf.AppID: "local-" + strconv.FormatInt(e.clock.Now().UnixMilli(), 10), conf.AppName: "pyspark-shell",
		conf.Master: c.String(conf.Master)}
	for key, value := range derived {
		if !c.IsSet(key) {
			settings = with(settings, key, value)
		}
	}
	if settings, err = qualified(settings, c.String(conf.WarehouseDir), dir); err != nil {
		return nil, err
	}
	if c, err = conf.New(settings, nil); err != nil {
		return nil, err
	}
	c.Default(conf.TimeZone, localZone())
	c.Default(conf.ShufflePartitions, strconv.Itoa(cores))
	c.Default(conf.DefaultParallelism, strconv.Itoa(cores))
	if runner != nil {
		runner = collecting{Runner: runner, once: new(sync.Once)}
	}
	return (&Session{engine: e, initial: c, dir: dir, runner: runner, cores: cores, cache: newCache()}).Sibling(), nil
}

// qualified makes the folder of tables a whole URI, so that it stays the same wherever it is read.
func qualified(settings map[string]string, warehouse, dir string) (map[string]string, error) {
	if !strings.HasPrefix(warehouse, "/") && !strings.Contains(warehouse, ":/") && dir != "" {
		warehouse = dir + "/" + warehouse
	}
	place, err := source.LocalPath(warehouse)
	return with(settings, conf.WarehouseDir, "file:"+place), err
}

// Sibling is a further session of the application: settings as at its start, views, functions and queries of its own,
// what is cached shared.
func (s *Session) Sibling() *Session {
	return &Session{engine: s.engine, conf: s.initial.Clone(), initial: s.initial, dir: s.dir, runner: s.runner, cores: s.cores,
		queries: query.NewManager(s.engine.registry), cache: s.cache, views: map[string]*Frame{}, tables: map[string]memoryTable{},
		functions: map[string]*expr.UDF{}}
}

func with(m map[string]string, key, value string) map[string]string {
	out := make(map[string]string, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	out[key] = value
	return out
}

// coresOf reads a master: local, local[N], local[*], local[N,F].
func coresOf(master string) (int, error) {
	if master == "local" {
		return 1, nil
	}
	inner, ok := strings.CutPrefix(master, "local[")
	if !ok || !strings.HasSuffix(inner, "]") {
		return 0, errs.New(errs.Unnamed+"MASTER", "master", master)
	}
	count, _, _ := strings.Cut(strings.TrimSuffix(inner, "]"), ",")
	if count = strings.TrimSpace(count); count == "*" {
		return runtime.NumCPU(), nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return 0, errs.New(errs.Unnamed+"MASTER", "master", master)
	}
	return n, nil
}

// Failures is how often a task of an RDD may fail before its job does: the second number of local[n,f].
func (s *Session) Failures() int {
	_, given, _ := strings.Cut(strings.TrimSuffix(s.conf.String(conf.Master), "]"), ",")
	n, _ := strconv.Atoi(strings.TrimSpace(given)) // else one
	return max(n, 1)
}

// localZone is the machine's time zone by its name.
func localZone() string {
	if name := time.Local.String(); name != "Local" && name != "" {
		return name
	}
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
			if _, ok := zone.Find(name); ok {
				return name
			}
		}
	}
	return "UTC"
}

// Clone is a session with settings and views of its own that begin as this one's: a query's epochs run in it.
func (s *Session) Clone() *Session {
	out := &Session{engine: s.engine, conf: s.conf.Clone(), initial: s.initial, dir: s.dir, runner: s.runner, cores: s.cores, queries: s.queries,
		cache: s.cache, views: map[string]*Frame{}, tables: s.tables, functions: map[string]*expr.UDF{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	out.clock = s.clock
	for name, f := range s.functions {
		out.functions[name] = f
	}
	for name, f := range s.views {
		out.views[name] = f
	}
	return out
}

// Conf are the settings, Queries the streaming queries.
func (s *Session) Conf() *conf.Conf { return s.conf }

// Cores is how many the master names.
func (s *Session) Cores() int              { return s.cores }
func (s *Session) Queries() *query.Manager { return s.queries }

// StopQueries ends all streaming queries and waits for them; Close also forgets what is cached.
func (s *Session) StopQueries() { s.queries.StopAll() }
func (s *Session) Close()       { s.cache.clear() }

// location is the session time zone.
func (s *Session) location() *time.Location {
	if l, ok := zone.Find(s.conf.String(conf.TimeZone)); ok {
		return l
	}
	return time.UTC // set() checked it
}

func (s *Session) analyzer() *logical.Analyzer {
	return &logical.Analyzer{Catalog: (*catalog)(s), Function: s.function, Conf: logical.Settings{ANSI: s.conf.Bool(conf.ANSI),
		CaseSensitive: s.conf.Bool(conf.CaseSensitive), Zone: s.conf.String(conf.TimeZone)}}
}

// instance is what operators may know of the session.
func (s *Session) instance() exec.Instance {
	return exec.Instance{Mem: s.engine.mem, Zone: s.location(), ANSI: s.conf.Bool(conf.ANSI), LastKeyWins: s.lastKeyWins(), Now: s.Clock().Now}
}

// folding is what constants are computed with while optimizing. Times are those of the moment.
func (s *Session) folding() *expr.Context {
	return &expr.Context{Mem: s.engine.mem, Zone: s.location(), ANSI: s.conf.Bool(conf.ANSI), LastKeyWins: s.lastKeyWins()}
}

func (s *Session) lastKeyWins() bool {
	return s.conf.String("spark.sql.mapKeyDedupPolicy") == "LAST_WIN"
}

// sourceEnv is what connectors are opened with.
func (s *Session) sourceEnv(options map[string]string, schema *types.Struct, paths []string) *source.Env {
	return &source.Env{FS: s.engine.fs, Clock: s.Clock(), Mem: s.engine.mem, Conf: s.conf, Zone: s.location(), Parallelism: s.cores,
		Options: options, Schema: schema, Paths: paths}
}

// ParseExpression and ParseQuery read text.
func (s *Session) ParseExpression(text string) (expr.Expr, error) {
	return sql.ParseNamedExpression(text)
}
func (s *Session) ParseQuery(text string) (logical.Plan, error) { return sql.ParseQuery(text) }

// ParseQueryWith reads a query whose parameter markers stand for the arguments.
func (s *Session) ParseQueryWith(text string, args SQLArgs) (logical.Plan, error) {
	return sql.ParseQueryWith(text, args)
}

// SQLArgs are the values of a statement's parameters.
type SQLArgs = sql.Args

// ParseInterval reads a trigger's interval: "5 seconds".
func ParseInterval(text string) (time.Duration, error) {
	i, err := types.ParseInterval(text)
	if err != nil {
		return 0, err
	}
	if i.Months != 0 {
		return 0, errs.New(errs.Unnamed+"INTERVAL_MONTHS", "interval", text)
	}
	d := time.Duration(i.Days)*24*time.Hour + time.Duration(i.Micros)*time.Microsecond
	if d < 0 {
		return 0, errs.New(errs.Unnamed+"INTERVAL_NEGATIVE", "interval", text)
	}
	return d, nil
}

// RegisterFunction names a Python function for SQL text; the function is a call without arguments.
func (s *Session) RegisterFunction(name string, f *expr.UDF) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.functions[strings.ToLower(name)] = f
}

// function finds a registered function, or nil.
func (s *Session) function(name string) *expr.UDF {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.functions[name]
}

// CreateView names a frame; without replace the name must be free.
func (s *Session) CreateView(name string, f *Frame, replace bool) error {
	parts, err := sql.ParseName(name)
	if err != nil {
		return errs.New("_LEGACY_ERROR_TEMP_1321", "viewName", name)
	}
	if len(parts) != 1 {
		return errs.New("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "actualName", name)
	}
	key := strings.ToLower(parts[0])
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.views[key]; taken && !replace {
		return errs.New("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "relationName", "`"+parts[0]+"`")
	}
	s.views[key] = f
	return nil
}

// View is the frame of a temporary view, or nil.
func (s *Session) View(name string) *Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views[strings.ToLower(name)]
}

// DropView forgets a view and says whether there was one.
func (s *Session) DropView(name string) bool {
	key := strings.ToLower(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.views[key]
	_, sink := s.tables[key]
	delete(s.views, key)
	delete(s.tables, key)
	return found || sink
}
