"""Column names with dots and backquotes: "a.b", "`a.b`.c"."""


def parse_name(name):
    """The parts of a name. Raises AnalysisException where the backquotes do not pair up."""
    if "`" not in name:
        if ".." in name or name.endswith("."):
            raise _bad(name)
        return name.split(".")
    parts, part, quoted, i = [], "", False, 0
    while i < len(name):
        c = name[i]
        if quoted:
            if c != "`":
                part += c
            elif name[i + 1:i + 2] == "`":
                part += "`"
                i += 1
            else:
                quoted = False
                if i + 1 < len(name) and name[i + 1] != ".":
                    raise _bad(name)
        elif c == "`":
            if part:
                raise _bad(name)
            quoted = True
        elif c == ".":
            if i + 1 == len(name) or (i and name[i - 1] == "."):
                raise _bad(name)
            parts.append(part)
            part = ""
        else:
            part += c
        i += 1
    if quoted:
        raise _bad(name)
    return parts + [part]


def _bad(name):
    from pyspark_compat_worker.captured import AnalysisException

    return AnalysisException._of("INVALID_ATTRIBUTE_NAME_SYNTAX", {"name": name},
                                 f"The dots and backquotes in the column name {name} do not fit together.", "42601")
