package json

// Length is the number of elements of an array's text; false where it is no array.
func (f *Finder) Length(text []byte) (n int32, ok bool) {
	c := &f.cur
	c.reset(text)
	if !c.space() || c.b[c.i] != '[' {
		return 0, false
	}
	s := c.elements(func() status {
		n++
		return soundness(c.skip())
	})
	return n, s != broken
}

// Keys calls put with the name of every member of an object's text; false where it is no object. What was put
// before a fault is found does not count.
func (f *Finder) Keys(text []byte, put func(name []byte)) bool {
	return f.members(text, func(name []byte) bool {
		put(name)
		return f.cur.skip()
	})
}

// Fields looks up several names of an object at once: put gets the number of the name and the value's text, once for
// the first member of that name that is not null.
func (f *Finder) Fields(text []byte, names map[string]int, put func(field int, value []byte)) bool {
	found := make(map[int]bool, len(names))
	return f.members(text, func(name []byte) bool {
		at, wanted := names[string(name)]
		if !wanted || found[at] || f.cur.i < len(f.cur.b) && f.cur.b[f.cur.i] == 'n' {
			return f.cur.skip()
		}
		f.out = writer{b: f.out.b[:0]}
		hit, ok := f.walk(nil, raw, &f.out)
		if hit && ok {
			found[at] = true
			put(at, f.out.b)
		}
		return ok
	})
}

// members calls each with every name of an object; each reads the value, at which the cursor then stands.
func (f *Finder) members(text []byte, each func(name []byte) bool) bool {
	c := &f.cur
	c.reset(text)
	if !c.space() || c.b[c.i] != '{' {
		return false
	}
	c.i++
	if !c.space() {
		return false
	}
	if c.b[c.i] == '}' {
		return true
	}
	for {
		name, ok := c.name()
		if !ok {
			return false
		}
		name = append([]byte(nil), name...)
		if !c.space() || !each(name) {
			return false
		}
		more, ok := c.next('}')
		if !ok {
			return false
		}
		if !more {
			return true
		}
	}
}
