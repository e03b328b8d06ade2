package exec

// Metrics is what an epoch did, for the query's progress.
type Metrics struct {
	// SourceRows is the rows read, by Leaf.Source.
	SourceRows []int64
	// SinkRows is the rows that came to the root operator.
	SinkRows int64
	// State is one a stateful operator, by its number; Order is their numbers from the plan's root down, left before right.
	State []StateCounts
	Order []int
	// EventTime is one a Watermark operator, by its number; Count 0 where no row had a time.
	EventTime []EventTime
}

// StateCounts is what a stateful operator knows of an epoch; the instances' add up.
type StateCounts struct {
	Operator                      int
	Name                          string
	Dropped                       int64 // rows later than the watermark
	Rows, Updated, Removed, Bytes int64
	UpdateNanos, RemoveNanos      int64
	Instances                     int
}

// stateful is an operator with state.
type stateful interface{ stateCounts() StateCounts }

// EventTime is a column's times in an epoch, in microseconds.
type EventTime struct {
	Operator int
	Min, Max int64
	Sum      float64
	Count    int64
}

// timed is an operator that watches an event-time column.
type timed interface{ eventTime() EventTime }

// Metrics gives the counts since they were last asked for: once an epoch.
func (p *Pipeline) Metrics() Metrics {
	var m Metrics
	numbers := map[Operator]int{}
	for _, s := range p.stages {
		for _, in := range s.inputs {
			if in.leaf != nil {
				for len(m.SourceRows) <= in.leaf.Source {
					m.SourceRows = append(m.SourceRows, 0)
				}
				m.SourceRows[in.leaf.Source] += in.rows.Swap(0)
			}
		}
		for _, t := range s.tasks {
			if s == p.root {
				m.SinkRows += t.rows
			}
			t.rows = 0
			for _, l := range t.links {
				m.add(l.op, numbers)
			}
		}
	}
	if p.root != nil {
		m.Order = p.statefuls(p.root.root, p.root, numbers, nil)
	}
	return m
}

// statefuls appends the numbers of the stateful operators beneath a feed, those nearer to the root first.
func (p *Pipeline) statefuls(f Feed, s *stage, numbers map[Operator]int, into []int) []int {
	if x, ok := f.(*Exchange); ok {
		if s = p.below(x); s != nil {
			return p.statefuls(x.From, s, numbers, into)
		}
		return into
	}
	n, ok := f.(*Node)
	if !ok {
		return into
	}
	if len(s.tasks) > 0 {
		for _, l := range s.tasks[0].links {
			if _, is := l.op.(stateful); is && l.node == n {
				into = append(into, numbers[l.op])
			}
		}
	}
	for _, in := range n.Inputs {
		into = p.statefuls(in, s, numbers, into)
	}
	return into
}

func (m *Metrics) add(op Operator, numbers map[Operator]int) {
	if s, ok := op.(stateful); ok {
		c := s.stateCounts()
		numbers[op] = c.Operator
		m.addState(c)
	}
	if w, ok := op.(timed); ok {
		m.addTime(w.eventTime())
	}
}

func (m *Metrics) addState(c StateCounts) {
	for len(m.State) <= c.Operator {
		m.State = append(m.State, StateCounts{Operator: len(m.State)})
	}
	s := &m.State[c.Operator]
	s.Name = c.Name
	s.Dropped += c.Dropped
	s.Rows += c.Rows
	s.Updated += c.Updated
	s.Removed += c.Removed
	s.Bytes += c.Bytes
	s.UpdateNanos += c.UpdateNanos
	s.RemoveNanos += c.RemoveNanos
	s.Instances++
}

func (m *Metrics) addTime(e EventTime) {
	for len(m.EventTime) <= e.Operator {
		m.EventTime = append(m.EventTime, EventTime{Operator: len(m.EventTime)})
	}
	t := &m.EventTime[e.Operator]
	if e.Count == 0 {
		return
	}
	if t.Count == 0 {
		t.Min, t.Max = e.Min, e.Max
	}
	t.Min, t.Max = min(t.Min, e.Min), max(t.Max, e.Max)
	t.Sum += e.Sum
	t.Count += e.Count
}
