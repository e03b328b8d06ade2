"""Every public name that we have, against PySpark 4.3.0's signatures and the documented ones.

signatures.json.gz: PySpark's public classes and functions with the names, order, kinds and defaults of their parameters.
documented_api.json: signatures that the product must have, by its own _rule: PySpark's parameters first, in its order,
then the documented ones that PySpark lacks, keyword-only with the default None.
A name that we lack is no failure here; one that we have and PySpark has not is.
"""

import gzip
import importlib
import inspect
import json
import pathlib
import pkgutil

import pytest

HERE = pathlib.Path(__file__).parent
PYSPARK = json.loads(gzip.decompress((HERE / "signatures.json.gz").read_bytes()))
DOCUMENTED = json.loads((HERE / "documented_api.json").read_text())
DOCUMENTED.pop("_rule")
DOCUMENTED_IN = {
    "DataStreamReader": "pyspark.sql.streaming", "DataStreamWriter": "pyspark.sql.streaming", "StreamingQuery": "pyspark.sql.streaming",
    "StreamingQueryException": "pyspark.errors", "StreamingQueryProgress": "pyspark.sql.streaming.listener",
    "StreamingContext": "pyspark.streaming", "DStream": "pyspark.streaming", "StreamingListener": "pyspark.streaming",
}
REQUIRED_NOW = ["DataStreamReader", "DataStreamWriter", "StreamingQuery", "StreamingContext", "DStream", "StreamingListener"]

# Public names of ours that PySpark lacks; each is a row in the README's table of differences or machinery of the alias.
OURS_ONLY = {"pyspark": {"as_pyspark"}, "pyspark.testing": {"ManualClock"}}
# Classes whose constructors users do not call: what they take is our own affair.
MADE_BY_USERS = {"pyspark.sql.types", "pyspark.conf", "pyspark.errors", "pyspark.sql.observation", "pyspark.streaming", "pyspark.storagelevel", "pyspark.accumulators", "pyspark.statcounter"}
# Public members of PySpark's classes that PySpark itself lacks; each is named in the README.
OURS_ONLY_IN = {"DStream": {"saveAsPickleFiles"}}
# Documented names of parameters where, by the rule, PySpark's own name counts.
RENAMED = {("DStream", "reduce"): {"f"}, ("StreamingListener", "onBatchStarted"): {"batchStarted"}}
BY_POSITION_TOO = {("DataStreamWriter", "trigger")}


def ours(module):
    return importlib.import_module("pyspark_compat" + module.removeprefix("pyspark"))


def present(module):
    try:
        return ours(module)
    except ModuleNotFoundError as e:
        if e.name and e.name.startswith("pyspark_compat"):
            return None
        raise


def parameters(function):
    out = []
    for p in inspect.signature(function).parameters.values():
        entry = [p.name, p.kind.name]
        if p.default is not p.empty:
            entry.append(repr(p.default) if isinstance(p.default, (type(None), bool, int, float, str, bytes, tuple, list, dict)) else "<object>")
        out.append(entry)
    return out


def defaults_agree(theirs, mine):
    return theirs == mine or "<" in theirs or "<" in mine


def same(theirs, mine):
    if len(theirs) != len(mine):
        return False
    return all(t[:2] == m[:2] and len(t) == len(m) and (len(t) == 2 or defaults_agree(t[2], m[2])) for t, m in zip(theirs, mine))


def with_documented(class_name, method, theirs):
    """PySpark's parameters and, after them, the documented ones that it lacks."""
    entry = DOCUMENTED.get(class_name, {}).get(method)
    if entry is None:
        return theirs
    known = {p[0] for p in theirs} | RENAMED.get((class_name, method), set())
    extra = [[d.split("=")[0].lstrip("*"), "KEYWORD_ONLY", "None"] for d in entry["parameters"] if not d.startswith("**")]
    extra = [e for e in extra if e[0] not in known]
    if not extra:
        return theirs
    tail = [p for p in theirs if p[1] == "VAR_KEYWORD"]
    out = [p for p in theirs if p[1] != "VAR_KEYWORD"] + extra + tail
    return out


def raw(cls, name):
    for base in cls.__mro__:
        if name in vars(base) and base.__module__ != "builtins":
            return vars(base)[name]
    return None


def member_difference(class_name, name, theirs, value):
    if theirs in ("property", "attribute"):
        if theirs == "property" and inspect.isfunction(value):
            return f"{class_name}.{name} is a method, PySpark's is a property"
        return None
    if theirs["kind"] in ("classmethod", "staticmethod"):
        wanted = classmethod if theirs["kind"] == "classmethod" else staticmethod
        if not isinstance(value, wanted):
            return None if not inspect.isfunction(value) else f"{class_name}.{name} is no {theirs['kind']}"
        mine = parameters(value.__func__)
        mine = mine[1:] if wanted is classmethod and mine and mine[0][0] in ("cls", "self") else mine
        wanted_parameters = [p for p in theirs["parameters"] if p[0] != "cls"]
        return None if same(wanted_parameters, mine) else difference(f"{class_name}.{name}", wanted_parameters, mine)
    if not callable(value):
        return f"{class_name}.{name} is no method"
    wanted_parameters = with_documented(class_name, name, theirs["parameters"])
    mine = parameters(value)
    if (class_name, name) in BY_POSITION_TOO:
        loose = lambda ps: [[p[0], "ANY", *p[2:]] for p in ps if p[1] not in ("VAR_POSITIONAL",)]
        wanted_parameters, mine = loose(wanted_parameters), loose(mine)
    return None if same(wanted_parameters, mine) else difference(f"{class_name}.{name}", wanted_parameters, mine)


def difference(name, theirs, mine):
    text = lambda ps: ", ".join(p[0] + ("*" if p[1] == "KEYWORD_ONLY" else "") + (f"={p[2]}" if len(p) > 2 else "") for p in ps)
    return f"{name}\n    PySpark ({text(theirs)})\n    ours    ({text(mine)})"


def class_differences(module, name, theirs, cls):
    found = []
    for member, spec in theirs["class"].items():
        if member == "__init__" and module not in MADE_BY_USERS:
            continue
        value = raw(cls, member)
        if value is not None:
            found.append(member_difference(name, member, spec, value))
    extra = set(DOCUMENTED.get(name, {})) | OURS_ONLY_IN.get(name, set())
    for member, value in vars(cls).items():
        if not member.startswith("_") and member not in theirs["class"] and member not in extra and not inherited(cls, member):
            found.append(f"{name}.{member} is public here and not in PySpark")
    return [f for f in found if f]


def inherited(cls, member):
    """A member that a base of the class has too, such as dict's: no addition of ours."""
    return any(member in vars(b) for b in cls.__mro__[1:] if b.__module__ == "builtins")


def public_names(module):
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return list(listed)
    return [n for n, v in vars(module).items() if not n.startswith("_") and getattr(v, "__module__", None) == module.__name__]


@pytest.mark.parametrize("name", sorted(PYSPARK))
def test_module(name, impl):
    if impl == "pyspark":
        pytest.skip("compares ours with what was taken from PySpark")
    module = present(name)
    if module is None:
        pytest.skip(f"{name} is not there yet")
    found = []
    for each in public_names(module):
        theirs = PYSPARK[name].get(each)
        value = getattr(module, each)
        if theirs is None:
            known = any(each in PYSPARK[m] for m in PYSPARK)
            if not known and each not in OURS_ONLY.get(name, ()) and (inspect.isclass(value) or inspect.isfunction(value)):
                found.append(f"{each} is public here and not in PySpark")
        elif theirs.get("class") and inspect.isclass(value):
            found += class_differences(name, each, theirs, value)
        elif "function" in theirs and callable(value):
            spec = theirs["function"]
            wanted = spec["parameters"] if isinstance(spec, dict) else spec
            mine = parameters(value)
            if not same(wanted, mine):
                found.append(difference(each, wanted, mine))
    if found:
        pytest.fail(f"{len(found)} differences in {name}\n" + "\n".join(found), pytrace=False)


@pytest.mark.parametrize("name", sorted(DOCUMENTED_IN))
def test_documented(name, impl):
    """Each documented method is there, with the documented names all accepted."""
    if impl == "pyspark":
        pytest.skip("compares ours with the documented signatures")
    module = present(DOCUMENTED_IN[name])
    cls = getattr(module, name, None) if module else None
    if cls is None:
        assert name not in REQUIRED_NOW, f"{name} is missing"
        pytest.skip(f"{name} is not there yet")
    for method, entry in DOCUMENTED[name].items():
        value = raw(cls, method)
        assert value is not None, f"{name}.{method} is missing"
        if entry.get("property"):
            assert not inspect.isfunction(value), f"{name}.{method} must be a property"
        if not inspect.isfunction(value):
            continue
        mine = {p[0]: p for p in parameters(value)}
        for documented in entry["parameters"]:
            bare = documented.split("=")[0].lstrip("*")
            assert bare in mine or bare in RENAMED.get((name, method), ()), f"{name}.{method} lacks {bare}"


def test_functions_are_all_named_or_absent(impl):
    """pyspark_compat.sql.functions has no function that PySpark has not."""
    if impl == "pyspark":
        pytest.skip("compares ours with what was taken from PySpark")
    module = ours("pyspark.sql.functions")
    theirs = set(PYSPARK["pyspark.sql.functions"])
    mine = {n for n in public_names(module) if inspect.isfunction(getattr(module, n))}
    assert mine, "no functions at all"
    assert mine <= theirs, sorted(mine - theirs)


def test_public_modules_are_pysparks(impl):
    """Each public module of ours has the path of a PySpark module."""
    if impl == "pyspark":
        pytest.skip("walks our package")
    import pyspark_compat

    known = set(json.loads((HERE / "modules.json").read_text()))
    found = [m.name for m in pkgutil.walk_packages(pyspark_compat.__path__, "pyspark_compat.", onerror=lambda n: None)]
    public = ["pyspark" + n.removeprefix("pyspark_compat") for n in found if not any(p.startswith("_") for p in n.split("."))]
    assert [n for n in public if n not in known] == []
