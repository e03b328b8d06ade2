#!/usr/bin/env python3
"""Makes the descriptor set and every generated binding.

    python proto/generate.py descriptors   # needs pyspark[connect] 4.3.0: its _pb2 modules -> proto/spark_connect.binpb
    python proto/generate.py bindings      # needs grpcio-tools and Go: the Go packages and pyspark_compat/_proto/*.py

The messages of Spark Connect are those of the Python sources of pyspark 4.3.0; there are no .proto files of it here.
Our own messages are the .proto files in proto/pyspark_compat/ (file name = Python module name). Files are
generated whole; nothing in them is edited by hand.
"""

import importlib
import os
import pathlib
import pkgutil
import pprint
import re
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

PYSPARK = "4.3.0"
PROTOC_GEN_GO = "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12"
PROTOC_GEN_GO_GRPC = "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.1"
SPARK_GO = "pysparkcompat/proto/spark/connect;connect"
OWN_GO = "pysparkcompat/proto/pyspark_compat;compatpb"
NOT_TAKEN = {"spark/connect/example_plugins.proto"}

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
SPARK_SET = HERE / "spark_connect.binpb"
OWN = HERE / "pyspark_compat"
PYTHON = ROOT / "pyspark_compat" / "_proto"


def descriptors():
    """pyspark's _pb2 modules -> spark_connect.binpb, dependencies first."""
    import pyspark

    if pyspark.__version__ != PYSPARK:
        sys.exit(f"pyspark {PYSPARK} is needed, found {pyspark.__version__}")
    package = importlib.import_module("pyspark.sql.connect.proto")
    found = descriptor_pb2.FileDescriptorSet()
    seen = set()

    def add(file):
        if file.name in seen or file.name in NOT_TAKEN:
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            add(dependency)
        file.CopyToProto(found.file.add())

    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        if module.endswith("_pb2"):
            add(importlib.import_module(f"pyspark.sql.connect.proto.{module}").DESCRIPTOR)
    SPARK_SET.write_bytes(found.SerializeToString(deterministic=True))


def read(path):
    return descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())


def protoc(arguments, env=None):
    command = [sys.executable, "-m", "grpc_tools.protoc", *map(str, arguments)]
    subprocess.run(command, check=True, env=env)


def own_set(work):
    """Our own .proto files as a descriptor set that also holds what they import."""
    files = sorted(OWN.glob("*.proto"))
    if not files:
        return None
    out = work / "own.binpb"
    protoc([f"--descriptor_set_in={SPARK_SET}", f"-I{HERE}", f"--descriptor_set_out={out}", "--include_imports",
            *(f"pyspark_compat/{f.name}" for f in files)])
    return out


def origin(name):
    if name.startswith("pyspark_compat/"):
        return f"proto/{name}"
    return f"{name} as shipped in the Python sources of pyspark {PYSPARK} (proto/spark_connect.binpb)"


def go_bindings(work, name_lists):
    env = dict(os.environ, GOBIN=str(work / "bin"), GOFLAGS="")
    for tool in (PROTOC_GEN_GO, PROTOC_GEN_GO_GRPC):
        subprocess.run(["go", "install", tool], check=True, env=env, cwd=work)
    env["PATH"] = f"{work / 'bin'}{os.pathsep}{os.environ['PATH']}"
    mapping = [(n, SPARK_GO) for n in name_lists["spark"]] + [(n, OWN_GO) for n in name_lists["own"]]
    options = ",".join(["module=pysparkcompat", *(f"M{n}={p}" for n, p in mapping)])
    for source, names in (("spark", name_lists["spark"]), ("own", name_lists["own"])):
        if not names:
            continue
        out = work / "go"
        out.mkdir(exist_ok=True)
        protoc([f"--descriptor_set_in={name_lists['set'][source]}", f"--go_out={options}:{out}",
                f"--go-grpc_out={options}:{out}", *names], env)
    for path in sorted((work / "go").rglob("*.go")):
        target = ROOT / path.relative_to(work / "go")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text()
        name = re.search(r"^// source: (.*)$", text, re.M).group(1)
        text = re.sub(r"^// source: .*$", f"// source: {origin(name)}\n// by proto/generate.py", text, count=1, flags=re.M)
        target.write_text(text)


def module_of(name):
    return pathlib.PurePosixPath(name).stem


def python_bindings(files):
    for file in files:
        modules = sorted({module_of(d) for d in file.dependency})
        imports = ", ".join(["_pool", *modules])
        data = descriptor_pb2.FileDescriptorProto()
        data.CopyFrom(file)
        for option in ("java_package", "java_outer_classname", "java_multiple_files", "go_package",
                       "objc_class_prefix", "csharp_namespace"):
            data.options.ClearField(option)
        literal = pprint.pformat(data.SerializeToString(deterministic=True), width=110)
        if not literal.startswith("("):
            literal = f"({literal})"
        source = file.name if file.name.startswith("google/") else origin(file.name)
        (PYTHON / f"{module_of(file.name)}.py").write_text(
            f'"""Generated by proto/generate.py from {source}. Not edited by hand."""\n\n'
            f"from pyspark_compat._proto import {imports}\n\n"
            f"DESCRIPTOR, __getattr__, __dir__ = _pool.load(\n    {literal},\n    globals(),\n)\n"
        )


def bindings():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        own = own_set(work)
        spark_files = list(read(SPARK_SET).file)
        known = {f.name for f in spark_files}
        own_files = [f for f in read(own).file if f.name not in known] if own else []
        go_bindings(work, {
            "spark": [f.name for f in spark_files if f.name.startswith("spark/")],
            "own": [f.name for f in own_files if f.name.startswith("pyspark_compat/")],
            "set": {"spark": SPARK_SET, "own": own},
        })
        python_bindings(spark_files + own_files)


if __name__ == "__main__":
    jobs = {"descriptors": descriptors, "bindings": bindings}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        sys.exit(__doc__)
    jobs[sys.argv[1]]()
