"""Variant, spatial and user-defined types."""
import base64

from pyspark_compat_worker.errors import IllegalArgumentException, PySparkTypeError, PySparkValueError, not_implemented
from pyspark_compat_worker.types_base import AtomicType, DataType


class VariantType(AtomicType):
    """A value of any shape, kept as bytes."""

    def needConversion(self):
        return True

    def fromInternal(self, obj):
        if obj is None or "value" not in obj or "metadata" not in obj:
            return None
        return VariantVal(obj["value"], obj["metadata"])

    def toInternal(self, variant):
        if variant is None:
            return None
        assert isinstance(variant, VariantVal)
        return {"value": variant.value, "metadata": variant.metadata}


class VariantVal:
    """A variant's bytes."""

    def __init__(self, value, metadata):
        self.value = value
        self.metadata = metadata

    def __repr__(self):
        return "VariantVal(%r, %r)" % (self.value, self.metadata)

    def toPython(self):
        raise not_implemented("VariantVal.toPython")

    def toJson(self, zone_id="UTC"):
        raise not_implemented("VariantVal.toJson")

    @classmethod
    def parseJson(cls, json_str):
        raise not_implemented("VariantVal.parseJson")


class _SpatialValue:
    def __init__(self, wkb, srid):
        self.wkb = wkb
        self.srid = srid

    def __str__(self):
        return repr(self)

    def __repr__(self):
        return "%s(%r, %d)" % (type(self).__name__, self.wkb, self.srid)

    def getSrid(self):
        return self.srid

    def getBytes(self):
        return self.wkb

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.wkb == other.wkb and self.srid == other.srid

    @classmethod
    def fromWKB(cls, wkb, srid):
        return cls(wkb, srid)


class Geography(_SpatialValue):
    """A shape on the globe, as WKB bytes."""


class Geometry(_SpatialValue):
    """A shape in the plane, as WKB bytes."""


class SpatialType(AtomicType):
    """Shapes."""

    MIXED_SRID = -1
    MIXED_CRS = "SRID:ANY"
    DEFAULT_CRS = "OGC:CRS84"
    DEFAULT_SRID = 4326
    _known = {4326: "OGC:CRS84"}
    _value = None

    def __init__(self, srid):
        if srid == "ANY":
            self.srid, self._crs = self.MIXED_SRID, self.MIXED_CRS
        elif isinstance(srid, int) and srid in self._known:
            self.srid, self._crs = srid, self._known[srid]
        else:
            raise IllegalArgumentException(errorClass="ST_INVALID_SRID_VALUE", messageParameters={"srid": str(srid)})

    @classmethod
    def _of_crs(cls, crs):
        if crs.lower() == cls.MIXED_CRS.lower():
            return cls("ANY")
        for srid, name in cls._known.items():
            if name == crs:
                return cls(srid)
        raise IllegalArgumentException(errorClass="ST_INVALID_CRS_VALUE", messageParameters={"crs": str(crs)})

    def simpleString(self):
        return f"{self.typeName()}({'any' if self.srid == self.MIXED_SRID else self.srid})"

    def __repr__(self):
        return f"{type(self).__name__}({'ANY' if self.srid == self.MIXED_SRID else self.srid})"

    def needConversion(self):
        return True

    def fromInternal(self, obj):
        if obj is None or "srid" not in obj or "bytes" not in obj:
            return None
        return self._value(obj["bytes"], obj["srid"])

    def _shape(self, shape):
        if shape is None:
            return None
        assert isinstance(shape, self._value)
        return {"srid": shape.srid, "wkb": shape.wkb}


class GeographyType(SpatialType):
    """Shapes on the globe."""

    DEFAULT_ALG = "SPHERICAL"
    _value = Geography

    def __init__(self, srid):
        super().__init__(srid)
        self._alg = self.DEFAULT_ALG

    @classmethod
    def _from_crs(cls, crs, alg):
        if alg != cls.DEFAULT_ALG:
            raise IllegalArgumentException(
                errorClass="ST_INVALID_ALGORITHM_VALUE", messageParameters={"alg": str(alg)})
        return cls._of_crs(crs)

    def toInternal(self, geography):
        return self._shape(geography)

    def jsonValue(self):
        return f"geography({self._crs}, {self._alg})"


class GeometryType(SpatialType):
    """Shapes in the plane."""

    _known = {0: "SRID:0", 3857: "EPSG:3857", 4326: "OGC:CRS84"}
    _value = Geometry

    @classmethod
    def _from_crs(cls, crs):
        return cls._of_crs(crs)

    def toInternal(self, geometry):
        return self._shape(geometry)

    def jsonValue(self):
        return f"geometry({self._crs})"


class UserDefinedType(DataType):
    """A type of the user's, stored as one of ours."""

    @classmethod
    def typeName(cls):
        return cls.__name__.lower()

    @classmethod
    def sqlType(cls):
        raise not_implemented("sqlType()")

    @classmethod
    def module(cls):
        raise not_implemented("module()")

    @classmethod
    def scalaUDT(cls):
        return ""

    def needConversion(self):
        return True

    @classmethod
    def _cachedSqlType(cls):
        if "_cached_sql_type" not in cls.__dict__:
            cls._cached_sql_type = cls.sqlType()
        return cls._cached_sql_type

    def toInternal(self, obj):
        if obj is not None:
            return self._cachedSqlType().toInternal(self.serialize(obj))

    def fromInternal(self, obj):
        value = self._cachedSqlType().fromInternal(obj)
        if value is not None:
            return self.deserialize(value)

    def serialize(self, obj):
        raise not_implemented("toInternal()")

    def deserialize(self, datum):
        raise not_implemented("fromInternal()")

    def simpleString(self):
        return "udt"

    def jsonValue(self):
        value = {"type": "udt", "pyClass": "%s.%s" % (self.module(), type(self).__name__),
                 "sqlType": self.sqlType().jsonValue()}
        if self.scalaUDT():
            assert self.module() != "__main__", "UDT in __main__ cannot work with ScalaUDT"
            value["class"] = self.scalaUDT()
        else:
            import cloudpickle

            value["serializedClass"] = base64.b64encode(cloudpickle.dumps(type(self))).decode("utf8")
        return value

    @classmethod
    def fromJson(cls, json):
        module, _, name = str(json["pyClass"]).rpartition(".")
        found = getattr(__import__(module, fromlist=[name]), name, None)
        if found is None:
            raise PySparkValueError(
                errorClass="UNSUPPORTED_OPERATION", messageParameters={"operation": "unpickling user defined types"})
        if not (isinstance(found, type) and issubclass(found, UserDefinedType)):
            raise PySparkTypeError(errorClass="FIELD_TYPE_MISMATCH", messageParameters={
                "obj": str(found), "data_type": "UserDefinedType"})
        return found()

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(type(self).__name__)
