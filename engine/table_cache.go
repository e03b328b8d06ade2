package engine

// Tables whose rows are kept: spark.catalog.cacheTable. The frame that was persisted stands for its table until the
// table changes; then it is made again, still to be kept.

// CachedTable is the frame that stands for a table, nil where the table is not kept.
func (s *Session) CachedTable(name string) *Frame {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	return s.cache.tables[name]
}

// CacheTable keeps a table's rows from their first run on.
func (s *Session) CacheTable(name string, level StorageLevel) error {
	f, err := s.freshTable(name)
	if err != nil {
		return err
	}
	if s.CachedTable(name) != nil {
		return nil
	}
	if err := s.Persist(f, level); err != nil {
		return err
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	s.cache.tables[name] = f
	return nil
}

func (s *Session) freshTable(name string) (*Frame, error) {
	t, err := s.known([]string{name}, searched)
	if err != nil {
		return nil, err
	}
	p, err := s.tablePlan(t, nil, false)
	if err != nil {
		return nil, err
	}
	return s.Analyze(p)
}

// forgetCached drops what is kept of a table.
func (s *Session) forgetCached(name string) (level StorageLevel, was bool) {
	f := s.CachedTable(name)
	if f == nil {
		return level, false
	}
	level = s.Level(f)
	s.Unpersist(f)
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	delete(s.cache.tables, name)
	return level, true
}

// UncacheTable forgets a table's rows.
func (s *Session) UncacheTable(name string) { s.forgetCached(name) }

// refreshCached has a table that changed be read again.
func (s *Session) refreshCached(name string) {
	if level, was := s.forgetCached(name); was {
		s.CacheTable(name, level) //nolint:errcheck // a table that is gone is kept no more
	}
}
