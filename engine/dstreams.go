package engine

import (
	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/dstream"
)

// Streams is a StreamingContext's engine; what its driver needs is in package dstream.
type Streams = dstream.Context

// Clock is what a session's queries and sources go by.
func (s *Session) Clock() clock.Clock {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clock != nil {
		return s.clock
	}
	return s.engine.clock
}

// UseClock has queries that start from now on go by another clock; nil is the engine's own.
func (s *Session) UseClock(c clock.Clock) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = c
}

// NewStreams is a StreamingContext without streams, RecoverStreams one that goes on from a checkpoint. Clock, file system
// and settings are the session's.
func (s *Session) NewStreams(c dstream.Config) (*Streams, error) { return dstream.New(s.streams(c)) }
func (s *Session) RecoverStreams(c dstream.Config, i *dstream.Image) (*Streams, error) {
	return dstream.Recover(s.streams(c), i)
}

func (s *Session) streams(c dstream.Config) dstream.Config {
	if c.Clock == nil {
		c.Clock = s.engine.clock
	}
	c.FS, c.Conf = s.engine.fs, s.conf
	return c
}

// ReadStreams reads the newest checkpoint of a folder, nil where there is none.
func (e *Engine) ReadStreams(folder string, warn func(string)) (*dstream.Image, error) {
	return dstream.Read(e.fs, folder, warn)
}
