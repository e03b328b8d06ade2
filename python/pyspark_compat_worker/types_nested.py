"""Arrays, maps and structs."""
from pyspark_compat_worker.errors import (
    PySparkIndexError,
    PySparkKeyError,
    PySparkTypeError,
    PySparkValueError,
    wrong_type,
)
from pyspark_compat_worker.row import Row, _create_row
from pyspark_compat_worker.types_base import INT_MAX, DataType, StringType

_COLLATIONS_METADATA_KEY = "__COLLATIONS"


def _check_type(name, value):
    assert isinstance(value, DataType), "%s %s should be an instance of %s" % (name, value, DataType)


def _below(data_type, prefix, depth):
    return data_type._tree(prefix, depth - 1) if isinstance(data_type, (ArrayType, MapType, StructType)) else []


class ArrayType(DataType):
    """A list of values of one type."""

    def __init__(self, elementType, containsNull=True):
        _check_type("elementType", elementType)
        self.elementType = elementType
        self.containsNull = containsNull

    def simpleString(self):
        return "array<%s>" % self.elementType.simpleString()

    def _sql(self):
        return "ARRAY<%s>" % self.elementType._sql()

    def _as_nullable(self):
        return ArrayType(self.elementType._as_nullable(), True)

    def toNullable(self):
        return self._as_nullable()

    def __repr__(self):
        return "ArrayType(%s, %s)" % (self.elementType, self.containsNull)

    def jsonValue(self):
        return {"type": "array", "elementType": self.elementType.jsonValue(), "containsNull": self.containsNull}

    @classmethod
    def fromJson(cls, json, fieldPath="", collationsMap=None):
        path = fieldPath + ".element" if fieldPath else "element"
        return ArrayType(_from_json(json["elementType"], path, collationsMap), json["containsNull"])

    def needConversion(self):
        return self.elementType.needConversion()

    def toInternal(self, obj):
        if not self.needConversion():
            return obj
        return obj and [self.elementType.toInternal(v) for v in obj]

    def fromInternal(self, obj):
        if not self.needConversion():
            return obj
        return obj and [self.elementType.fromInternal(v) for v in obj]

    def _tree(self, prefix, depth):
        if depth <= 0:
            return []
        line = f"{prefix}-- element: {self.elementType._tree_name()} (containsNull = {_bool(self.containsNull)})\n"
        return [line] + _below(self.elementType, prefix + "    |", depth)


class MapType(DataType):
    """A dict with keys of one type and values of one type."""

    def __init__(self, keyType, valueType, valueContainsNull=True):
        _check_type("keyType", keyType)
        _check_type("valueType", valueType)
        self.keyType = keyType
        self.valueType = valueType
        self.valueContainsNull = valueContainsNull

    def simpleString(self):
        return "map<%s,%s>" % (self.keyType.simpleString(), self.valueType.simpleString())

    def _sql(self):
        return "MAP<%s, %s>" % (self.keyType._sql(), self.valueType._sql())

    def _as_nullable(self):
        return MapType(self.keyType._as_nullable(), self.valueType._as_nullable(), True)

    def toNullable(self):
        return self._as_nullable()

    def __repr__(self):
        return "MapType(%s, %s, %s)" % (self.keyType, self.valueType, self.valueContainsNull)

    def jsonValue(self):
        return {"type": "map", "keyType": self.keyType.jsonValue(), "valueType": self.valueType.jsonValue(),
                "valueContainsNull": self.valueContainsNull}

    @classmethod
    def fromJson(cls, json, fieldPath="", collationsMap=None):
        path = fieldPath + "." if fieldPath else ""
        return MapType(_from_json(json["keyType"], path + "key", collationsMap),
                       _from_json(json["valueType"], path + "value", collationsMap), json["valueContainsNull"])

    def needConversion(self):
        return self.keyType.needConversion() or self.valueType.needConversion()

    def toInternal(self, obj):
        if not self.needConversion():
            return obj
        return obj and {self.keyType.toInternal(k): self.valueType.toInternal(v) for k, v in obj.items()}

    def fromInternal(self, obj):
        if not self.needConversion():
            return obj
        return obj and {self.keyType.fromInternal(k): self.valueType.fromInternal(v) for k, v in obj.items()}

    def _tree(self, prefix, depth):
        if depth <= 0:
            return []
        deeper = prefix + "    |"
        return ([f"{prefix}-- key: {self.keyType._tree_name()}\n"] + _below(self.keyType, deeper, depth)
                + [f"{prefix}-- value: {self.valueType._tree_name()} "
                   f"(valueContainsNull = {_bool(self.valueContainsNull)})\n"] + _below(self.valueType, deeper, depth))


class StructField(DataType):
    """A named field of a struct."""

    def __init__(self, name, dataType, nullable=True, metadata=None):
        _check_type("dataType", dataType)
        assert isinstance(name, str), "field name %s should be a string" % name
        self.name = name
        self.dataType = dataType
        self.nullable = nullable
        self.metadata = metadata or {}

    def simpleString(self):
        return "%s:%s" % (self.name, self.dataType.simpleString())

    def __repr__(self):
        return "StructField('%s', %s, %s)" % (self.name, self.dataType, self.nullable)

    def jsonValue(self):
        collations = self.getCollationMetadata()
        return {"name": self.name, "type": self._dataTypeJsonValue(collations), "nullable": self.nullable,
                "metadata": {**self.metadata, _COLLATIONS_METADATA_KEY: collations} if collations else self.metadata}

    def _dataTypeJsonValue(self, collationMetadata):
        return (_without_collation(self.dataType) if collationMetadata else self.dataType).jsonValue()

    @classmethod
    def fromJson(cls, json):
        metadata = json.get("metadata")
        collations = {}
        if metadata and _COLLATIONS_METADATA_KEY in metadata:
            collations = cls.getCollationsMap(cls, metadata)
            metadata = {k: v for k, v in metadata.items() if k != _COLLATIONS_METADATA_KEY}
        return StructField(json["name"], _from_json(json["type"], json["name"], collations),
                           json.get("nullable", True), metadata)

    def getCollationsMap(self, metadata):
        found = {}
        for path, value in (metadata or {}).get(_COLLATIONS_METADATA_KEY, {}).items():
            provider, name = value.split(".")
            if provider.lower() not in StringType.providers:
                raise PySparkValueError(errorClass="COLLATION_INVALID_PROVIDER", messageParameters={
                    "provider": provider, "supportedProviders": ", ".join(StringType.providers)})
            found[path] = name
        return found

    def getCollationMetadata(self):
        found = {}

        def visit(data_type, path):
            if isinstance(data_type, ArrayType):
                visit(data_type.elementType, path + ".element")
            elif isinstance(data_type, MapType):
                visit(data_type.keyType, path + ".key")
                visit(data_type.valueType, path + ".value")
            elif self._isCollatedString(data_type):
                found[path] = self.schemaCollationValue(data_type)

        visit(self.dataType, self.name)
        return found

    def _isCollatedString(self, dt):
        return isinstance(dt, StringType) and not dt.isUTF8BinaryCollation()

    def schemaCollationValue(self, dt):
        assert isinstance(dt, StringType)
        return f"{StringType.collationProvider(dt.collation)}.{dt.collation}"

    def needConversion(self):
        return self.dataType.needConversion()

    def toInternal(self, obj):
        return self.dataType.toInternal(obj)

    def fromInternal(self, obj):
        return self.dataType.fromInternal(obj)

    def typeName(self):
        raise PySparkTypeError(errorClass="INVALID_TYPENAME_CALL", messageParameters={})

    def _sql(self):
        return f"{_quoted(self.name)}: {self.dataType._sql()}{'' if self.nullable else ' NOT NULL'}"

    def _tree(self, prefix, depth):
        if depth <= 0:
            return []
        line = f"{prefix}-- {_escaped(self.name)}: {self.dataType._tree_name()} (nullable = {_bool(self.nullable)})\n"
        return [line] + _below(self.dataType, prefix + "    |", depth)


class StructType(DataType):
    """A list of named fields: the type of a row."""

    def __init__(self, fields=None):
        self.fields = fields if fields else []
        assert all(isinstance(f, StructField) for f in self.fields), "fields should be a list of StructField"
        self.names = [f.name for f in self.fields]
        self._note_conversions()

    def _note_conversions(self):
        self._needConversion = [f.needConversion() for f in self.fields]
        self._needSerializeAnyField = any(self._needConversion)

    def add(self, field, data_type=None, nullable=True, metadata=None):
        if not isinstance(field, StructField):
            if isinstance(field, str) and data_type is None:
                raise PySparkValueError(errorClass="ARGUMENT_REQUIRED", messageParameters={
                    "arg_name": "data_type", "condition": "passing name of struct_field to create"})
            if isinstance(data_type, str):
                data_type = _from_json(data_type)
            field = StructField(field, data_type, nullable, metadata)
        self.fields.append(field)
        self.names.append(field.name)
        self._note_conversions()
        return self

    def __iter__(self):
        return iter(self.fields)

    def __len__(self):
        return len(self.fields)

    def __getitem__(self, key):
        if isinstance(key, str):
            for field in self.fields:
                if field.name == key:
                    return field
            raise PySparkKeyError(errorClass="KEY_NOT_EXISTS", messageParameters={"key": key})
        if isinstance(key, int):
            try:
                return self.fields[key]
            except IndexError:
                raise PySparkIndexError(errorClass="INDEX_OUT_OF_RANGE", messageParameters={
                    "arg_name": "StructType", "index": str(key)}) from None
        if isinstance(key, slice):
            return StructType(self.fields[key])
        raise wrong_type("int, slice or str", "key", key)

    def simpleString(self):
        return "struct<%s>" % ",".join(f.simpleString() for f in self.fields)

    def _sql(self):
        return "STRUCT<%s>" % ", ".join(f._sql() for f in self.fields)

    def _as_nullable(self):
        return StructType([StructField(f.name, f.dataType._as_nullable(), True, f.metadata) for f in self.fields])

    def toNullable(self):
        return self._as_nullable()

    def __repr__(self):
        return "StructType([%s])" % ", ".join(map(str, self.fields))

    def jsonValue(self):
        return {"type": "struct", "fields": [f.jsonValue() for f in self.fields]}

    @classmethod
    def fromJson(cls, json):
        return StructType([StructField.fromJson(f) for f in json["fields"]])

    def fieldNames(self):
        return list(self.names)

    def needConversion(self):
        return True

    def toInternal(self, obj):
        if obj is None:
            return None
        if isinstance(obj, dict):
            values = [obj.get(n) for n in self.names]
        elif isinstance(obj, (tuple, list)):
            values = obj
        elif hasattr(obj, "__dict__"):
            values = [obj.__dict__.get(n) for n in self.names]
        else:
            raise PySparkValueError(
                errorClass="UNEXPECTED_TUPLE_WITH_STRUCT", messageParameters={"tuple": str(obj)})
        if not self._needSerializeAnyField:
            return tuple(values)
        return tuple(f.toInternal(v) if c else v for f, v, c in zip(self.fields, values, self._needConversion))

    def fromInternal(self, obj):
        if obj is None or isinstance(obj, Row):
            return obj
        if self._needSerializeAnyField:
            obj = [f.fromInternal(v) if c else v for f, v, c in zip(self.fields, obj, self._needConversion)]
        return _create_row(self.names, obj)

    def treeString(self, maxDepth=INT_MAX):
        depth = maxDepth if maxDepth > 0 else INT_MAX
        return "root\n" + "".join(self._tree(" |", depth))

    def _tree(self, prefix, depth):
        return [line for f in self.fields for line in f._tree(prefix, depth)]

    def toDDL(self):
        return ",".join(_field_ddl(f) for f in self.fields)


def _field_ddl(field):
    text = f"{_quoted(field.name)} {field.dataType._sql()}"
    if not field.nullable:
        text += " NOT NULL"
    comment = field.metadata.get("comment")
    if comment:
        text += " COMMENT '%s'" % comment.replace("\\", "\\\\").replace("'", "\\'")
    return text


def _quoted(name):
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name.isdigit()
    return name if plain else "`%s`" % name.replace("`", "``")


def _bool(value):
    return "true" if value else "false"


_ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b", "\v": "\\v", "\a": "\\a"})


def _escaped(name):
    return name.translate(_ESCAPES)


def _without_collation(data_type):
    if isinstance(data_type, ArrayType):
        return ArrayType(_without_collation(data_type.elementType), data_type.containsNull)
    if isinstance(data_type, MapType):
        return MapType(_without_collation(data_type.keyType), _without_collation(data_type.valueType),
                       data_type.valueContainsNull)
    if isinstance(data_type, StringType):
        return StringType()
    return data_type


def _from_json(value, path="", collations=None):
    from pyspark_compat_worker.types_json import from_json_value

    return from_json_value(value, path, collations)
