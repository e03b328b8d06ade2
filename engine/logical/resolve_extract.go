package logical

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// extractKey resolves child[key]: a struct's field, an array's element or a map's value.
func (s *scope) extractKey(e *expr.Extract) (expr.Expr, error) {
	child, err := s.expr(e.Child)
	if err != nil {
		return nil, err
	}
	key, err := s.expr(e.Key)
	if err != nil {
		return nil, err
	}
	return s.extract(unaliased(child), unaliased(key))
}

// extractField goes into a value by a name.
func (s *scope) extractField(child expr.Expr, name string) (expr.Expr, error) {
	return s.extract(child, &expr.Literal{Value: name, DataType: types.String})
}

func (s *scope) extract(child, key expr.Expr) (expr.Expr, error) {
	name, named := "", false
	if l, ok := key.(*expr.Literal); ok {
		name, named = l.Value.(string)
	}
	switch t := child.Type().(type) {
	case types.Struct:
		if !named {
			return nil, errs.New("INVALID_EXTRACT_FIELD_TYPE", "extraction", `"`+key.String()+`"`)
		}
		i, err := s.field(t, name)
		if err != nil {
			return nil, err
		}
		return s.getField("getstructfield", child, i, name)
	case types.Array:
		if elem, ok := t.Elem.(types.Struct); ok && named {
			i, err := s.field(elem, name)
			if err != nil {
				return nil, err
			}
			return s.getField("getarraystructfields", child, i, name)
		}
		return s.lookup("getarrayitem", child, key)
	case types.Map:
		return s.lookup("getmapvalue", child, key)
	}
	return nil, errs.New("INVALID_EXTRACT_BASE_FIELD_TYPE", "base", `"`+child.String()+`"`, "other", sqlType(child.Type()))
}

// getField binds a field by its number, so that fields of one name differ, under the name as it was written.
func (s *scope) getField(function string, child expr.Expr, i int, name string) (expr.Expr, error) {
	e, err := s.lookup(function, child, &expr.Literal{Value: int32(i), DataType: types.Int})
	if a, ok := e.(*expr.Apply); ok {
		named := *a
		named.Text = child.String() + "." + name
		return &named, err
	}
	return e, err
}

// field finds a struct's field by name.
func (s *scope) field(t types.Struct, name string) (int, error) {
	found, count := -1, 0
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = quotedName(f.Name)
		if s.a.same(f.Name, name) {
			if count++; found < 0 {
				found = i
			}
		}
	}
	switch count {
	case 0:
		return 0, errs.New("FIELD_NOT_FOUND", "fieldName", quotedName(name), "fields", strings.Join(names, ", "))
	case 1:
		return found, nil
	}
	return 0, errs.New("AMBIGUOUS_REFERENCE_TO_FIELDS", "field", quotedName(name), "count", strconv.Itoa(count))
}

// update resolves withField and dropFields: a struct of the fields that stay, with what is new in place.
func (s *scope) update(u *expr.Update) (expr.Expr, error) {
	child := unaliased(u.Child)
	t, ok := child.Type().(types.Struct)
	if !ok {
		return nil, errs.New("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr", `"`+u.String()+`"`, "paramIndex", "first",
			"requiredType", `"STRUCT"`, "inputSql", `"`+child.String()+`"`, "inputType", sqlType(child.Type()))
	}
	var args []expr.Expr
	replaced := false
	add := func(name string, e expr.Expr) {
		args = append(args, &expr.Literal{Value: name, DataType: types.String}, e)
	}
	for i, f := range t.Fields {
		value, err := s.getField("getstructfield", child, i, f.Name)
		if err != nil {
			return nil, err
		}
		if !s.a.same(f.Name, u.Path[0]) {
			add(f.Name, value)
			continue
		}
		replaced = true
		switch {
		case len(u.Path) > 1:
			if value, err = s.update(&expr.Update{Child: value, Value: u.Value, Path: u.Path[1:]}); err != nil {
				return nil, err
			}
			add(f.Name, value)
		case u.Value != nil:
			add(u.Path[0], unaliased(u.Value))
		}
	}
	if !replaced && u.Value != nil {
		if len(u.Path) > 1 {
			return nil, errs.New("FIELD_NOT_FOUND", "fieldName", quotedName(u.Path[0]), "fields", fieldNames(t))
		}
		add(u.Path[0], unaliased(u.Value))
	}
	if len(args) == 0 {
		return nil, errs.New("DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS", "sqlExpr", `"`+u.String()+`"`)
	}
	return s.updated(child, args, u.String())
}

func fieldNames(t types.Struct) string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = quotedName(f.Name)
	}
	return strings.Join(names, ", ")
}

// updated builds the new struct; it is null where the old one is.
func (s *scope) updated(child expr.Expr, args []expr.Expr, name string) (expr.Expr, error) {
	e, err := s.lookup("named_struct", args...)
	if err != nil {
		return nil, err
	}
	if child.Nullable() {
		isNull, err := s.lookup("isnull", child)
		if err != nil {
			return nil, err
		}
		if e, err = s.lookup("when", isNull, &expr.Literal{DataType: e.Type()}, e); err != nil {
			return nil, err
		}
	}
	if a, ok := e.(*expr.Apply); ok {
		named := *a
		named.Text = name
		return &named, nil
	}
	return e, nil
}
