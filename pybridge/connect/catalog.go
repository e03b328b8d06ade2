package connect

import (
	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	pb "pysparkcompat/proto/spark/connect"
)

// catalog answers what Python's Catalog asks; the message's value is null where there is none.
func (s *session) catalog(t *task, c *pb.Catalog) error {
	var value any
	switch k := c.GetCatType().(type) {
	case *pb.Catalog_DropTempView:
		value = s.engine.DropView(k.DropTempView.GetViewName())
	case *pb.Catalog_TableExists:
		found, err := s.hasTable(inDatabase(k.TableExists.GetTableName(), k.TableExists.GetDbName()))
		if err != nil {
			return err
		}
		value = found
	case *pb.Catalog_ClearCache:
		s.engine.ClearCache()
	case *pb.Catalog_IsCached, *pb.Catalog_CacheTable, *pb.Catalog_UncacheTable:
		var err error
		if value, err = s.cachedTable(c); err != nil {
			return err
		}
	default:
		var err error
		if value, err = s.catalogTables(t, c); err != nil {
			return err
		}
	}
	return t.message(map[string]any{"value": value})
}

// cachedTable answers isCached, cacheTable and uncacheTable, which are about the frame that a view names.
func (s *session) cachedTable(c *pb.Catalog) (any, error) {
	type named interface{ GetTableName() string }
	var asked named = c.GetIsCached()
	if c.GetCacheTable() != nil {
		asked = c.GetCacheTable()
	} else if c.GetUncacheTable() != nil {
		asked = c.GetUncacheTable()
	}
	f := s.engine.View(asked.GetTableName())
	if f == nil {
		return s.cachedStored(c, asked.GetTableName())
	}
	switch {
	case c.GetCacheTable() != nil:
		return nil, s.engine.Persist(f, levelOf(c.GetCacheTable().GetStorageLevel()))
	case c.GetUncacheTable() != nil:
		s.engine.Unpersist(f)
		return nil, nil
	}
	return s.engine.Level(f) != (engine.StorageLevel{Replication: 1}), nil
}

// cachedStored is cachedTable for what is no view.
func (s *session) cachedStored(c *pb.Catalog, name string) (any, error) {
	info, err := s.engine.InfoOf(name)
	if err != nil {
		return nil, err
	}
	if info.Temporary {
		return nil, errs.NotBuilt("caching the table of a memory sink")
	}
	switch {
	case c.GetCacheTable() != nil:
		return nil, s.engine.CacheTable(info.Name, levelOf(c.GetCacheTable().GetStorageLevel()))
	case c.GetUncacheTable() != nil:
		s.engine.UncacheTable(info.Name)
		return nil, nil
	}
	return s.engine.CachedTable(info.Name) != nil, nil
}

// levelOf reads a storage level, cache()'s where there is none.
func levelOf(l *pb.StorageLevel) engine.StorageLevel {
	if l == nil {
		return engine.MemoryAndDisk
	}
	return engine.StorageLevel{Disk: l.GetUseDisk(), Memory: l.GetUseMemory(), OffHeap: l.GetUseOffHeap(), Deserialized: l.GetDeserialized(), Replication: int(l.GetReplication())}
}

// hasTable says whether a name is that of a view or table.
func (s *session) hasTable(name string) (bool, error) {
	parts, err := splitName(name)
	if err != nil {
		return false, err
	}
	_, err = s.engine.Analyze(&logical.Named{Parts: parts})
	if e := errs.As(err); e != nil && e.Condition() == "TABLE_OR_VIEW_NOT_FOUND" {
		return false, nil
	}
	return err == nil, err
}
