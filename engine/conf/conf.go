// Package conf is every setting, one row each, and a session's values of them.
//
// It is not a file format and reads no environment. The session owns a Conf; whoever needs a setting asks by its
// row. Invariants: a key of the table has a default and a checked form; unknown keys are kept as they are, as Spark
// keeps them; settings that mean nothing here are rows too, marked Inert, so that COMPATIBILITY.md can list them.
package conf

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"pysparkcompat/engine/errs"
)

// Kind is the form of a setting's text.
type Kind uint8

const (
	Text Kind = iota
	Bool
	Int
	Millis // a duration: "10s", "500ms", or a number in the row's own unit
	Bytes  // a size: "64m", "1g", or bytes
	Float
)

// Row is one setting.
type Row struct {
	Key     string
	Default string
	Kind    Kind
	// Choices, when given, are the values allowed, in upper case.
	Choices []string
	// Rule, when given, is what PySpark says of a value that is none of the Choices or beneath Least, which, when above 0,
	// is the smallest number allowed.
	Rule  string
	Least int
	// Static settings are fixed once a session exists.
	Static bool
	// Inert settings are kept and readable, and mean nothing here.
	Inert bool
	// Refused values would change answers in a way that is not built; setting one raises.
	Refused []string
	// Optional settings have no default for the user: reading one that is unset without a fallback raises, as in Spark. The
	// engine goes by Default.
	Optional bool
	Doc      string
}

// Conf is a session's settings. Safe for concurrent use.
type Conf struct {
	mu     sync.RWMutex
	values map[string]string
	// defaults take the place of the table's; fixed before the first use.
	defaults map[string]string
	warn     func(key string)
	warned   map[string]bool
}

// New starts from what the builder was given. warn, which may be nil, is told once of each inert setting.
func New(initial map[string]string, warn func(key string)) (*Conf, error) {
	c := &Conf{values: map[string]string{}, defaults: map[string]string{}, warn: warn, warned: map[string]bool{}}
	for k, v := range initial {
		if err := c.set(k, v); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Default gives a row's default where the table cannot know it: the machine's zone, the session's cores. It is what the
// setting is again once it is unset. Called before the Conf is shared.
func (c *Conf) Default(key, value string) { c.defaults[key] = value }

// Clone is a session of its own with the same values.
func (c *Conf) Clone() *Conf {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := &Conf{values: make(map[string]string, len(c.values)), defaults: c.defaults, warn: c.warn, warned: map[string]bool{}}
	for k, v := range c.values {
		out.values[k] = v
	}
	for k := range c.warned {
		out.warned[k] = true
	}
	return out
}

// Set changes a setting at run time; a static one raises CANNOT_MODIFY_STATIC_CONFIG, one of the machine beneath
// CANNOT_MODIFY_CONFIG.
func (c *Conf) Set(key, value string) error {
	if err := changeable(key); err != nil {
		return err
	}
	return c.set(key, value)
}

func changeable(key string) error {
	switch row := Find(key); {
	case row == nil:
	case row.fixed():
		return errs.New("CANNOT_MODIFY_STATIC_CONFIG", "key", quoted(key))
	case row.Inert && !strings.HasPrefix(key, "spark.sql.") && !matches(taken, key):
		return errs.New("CANNOT_MODIFY_CONFIG", "key", quoted(key), "docroot", "https://spark.apache.org/docs/latest")
	}
	return nil
}

// fixed says that a session refuses another value. One of the application's settings is taken and changes nothing, as in Spark.
func (r *Row) fixed() bool { return r.Static && strings.HasPrefix(r.Key, "spark.sql.") }

func (c *Conf) set(key, value string) error {
	row := Find(key)
	if row != nil {
		if err := row.check(value); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[key] = value
	if row != nil && row.Inert && !c.warned[key] && c.warn != nil {
		c.warned[key] = true
		c.warn(key)
	}
	return nil
}

// Unset goes back to the default.
func (c *Conf) Unset(key string) error {
	if err := changeable(key); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
	return nil
}

// Reset gives all settings the values that the application began with; ResetKey one of them.
func (c *Conf) Reset(initial *Conf) {
	values := initial.All()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values = values
}

func (c *Conf) ResetKey(key string, initial *Conf) error {
	if row := Find(key); row != nil && row.fixed() {
		return changeable(key)
	}
	values := initial.All()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, key)
	if v, ok := values[key]; ok {
		c.values[key] = v
	}
	return nil
}

// Get is the value, else the default; ok is false where there is neither.
func (c *Conf) Get(key string) (string, bool) {
	c.mu.RLock()
	v, ok := c.values[key]
	c.mu.RUnlock()
	if ok {
		return v, true
	}
	if v, ok := c.defaults[key]; ok {
		return v, true
	}
	if row := Find(key); row != nil && !row.Optional {
		return row.Default, true
	}
	return "", false
}

// Known says that Spark's SQL has a setting of this name, with a default or without.
func Known(key string) bool {
	row := Find(key)
	return row != nil && strings.HasPrefix(key, "spark.sql.") && (!row.Inert || !row.Optional || matches(unset, key))
}

// IsSet says whether the session has a value of its own.
func (c *Conf) IsSet(key string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, ok := c.values[key]
	return ok
}

// All gives the session's own values.
func (c *Conf) All() map[string]string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make(map[string]string, len(c.values))
	for k, v := range c.values {
		out[k] = v
	}
	return out
}

// String, Bool, Int, Millis and Bytes read settings of the table; set checked their form.
func (c *Conf) String(key string) string {
	v, ok := c.Get(key)
	if row := Find(key); !ok && row != nil {
		return row.Default
	}
	return v
}
func (c *Conf) Bool(key string) bool { return strings.EqualFold(c.String(key), "true") }
func (c *Conf) Int(key string) int   { n, _ := strconv.Atoi(strings.TrimSpace(c.String(key))); return n }
func (c *Conf) Millis(key string) time.Duration {
	d, _ := ParseMillis(c.String(key))
	return d
}
func (c *Conf) Bytes(key string) int64 { n, _ := ParseBytes(c.String(key)); return n }

func quoted(key string) string { return `"` + key + `"` }

// check says what is wrong with a value, in PySpark's condition.
func (r *Row) check(value string) error {
	kind, ok := "", true
	switch r.Kind {
	case Bool:
		kind, ok = "boolean", strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case Int:
		_, err := strconv.Atoi(strings.TrimSpace(value))
		kind, ok = "int", err == nil
	case Millis:
		_, err := ParseMillis(value)
		kind, ok = "time in MILLISECONDS", err == nil
	case Bytes:
		_, err := ParseBytes(value)
		kind, ok = "bytes", err == nil
	case Float:
		_, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		kind, ok = "double", err == nil
	}
	if !ok {
		return errs.New("INVALID_CONF_VALUE.TYPE_MISMATCH", "confName", r.Key, "confValue", value, "confType", kind)
	}
	if n, _ := strconv.Atoi(strings.TrimSpace(value)); r.Least > 0 && n < r.Least {
		rule := r.Rule
		if rule == "" {
			rule = "at least " + strconv.Itoa(r.Least)
		}
		return errs.New("INVALID_CONF_VALUE.REQUIREMENT", "confName", r.Key, "confValue", value, "confRequirement", rule)
	}
	if len(r.Choices) > 0 && !contains(r.Choices, value) {
		if r.Rule != "" {
			return errs.New("INVALID_CONF_VALUE.REQUIREMENT", "confName", r.Key, "confValue", value, "confRequirement", r.Rule)
		}
		return errs.New("INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS", "confName", r.Key, "confValue", value,
			"confOptions", strings.Join(r.Choices, ", "))
	}
	if contains(r.Refused, value) {
		return errs.NotBuilt(r.Key + "=" + value)
	}
	if r.Key == "spark.sql.session.timeZone" {
		return checkZone(value)
	}
	return nil
}

func contains(list []string, value string) bool {
	for _, v := range list {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

// ParseMillis reads "10s", "500ms", "2 minutes", "1h"; a bare number is milliseconds.
func ParseMillis(text string) (time.Duration, error) {
	n, unit, err := amount(text)
	if err != nil {
		return 0, err
	}
	scale, ok := map[string]time.Duration{"": time.Millisecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
		"m": time.Minute, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	if !ok {
		return 0, strconv.ErrSyntax
	}
	return time.Duration(n) * scale, nil
}

// ParseBytes reads "64m", "1g", "512k", "10b"; a bare number is bytes.
func ParseBytes(text string) (int64, error) {
	n, unit, err := amount(text)
	if err != nil {
		return 0, err
	}
	shift, ok := map[string]int{"": 0, "b": 0, "k": 10, "kb": 10, "m": 20, "mb": 20, "g": 30, "gb": 30, "t": 40, "tb": 40, "p": 50, "pb": 50}[unit]
	if !ok {
		return 0, strconv.ErrSyntax
	}
	return n << shift, nil
}

func amount(text string) (int64, string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	i := 0
	for i < len(text) && (text[i] == '-' || text[i] >= '0' && text[i] <= '9') {
		i++
	}
	n, err := strconv.ParseInt(text[:i], 10, 64)
	return n, strings.TrimSpace(text[i:]), err
}
