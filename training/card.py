"""Writes what is committed of a model: model.onnx, card.json, and vectors that prove parity."""

import hashlib
import json
import platform
import re
import textwrap
from importlib.metadata import version
from pathlib import Path

import numpy as np

from trees import by_onnxruntime

PARITY_VECTORS = 50
COLUMNS = 100
HERE = Path(__file__).resolve().parent
SHARED = ["card.py", "measure.py", "trees.py"]
LIBRARIES = ["lightgbm", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn"]


def write_model(out, content, card, rows, seed):
    """The card is completed with the digest of the artefact that it is about."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(content)
    write_json(folder / "card.json", card | {"artefact": hashlib.sha256(content).hexdigest()})
    write_json(folder / "parity.json", parity(content, rows, seed))
    print(f"{folder}: {len(content) / 1024:.0f} kB")


def parity(content, rows, seed):
    """Vectors with what onnxruntime answers. Columns are shuffled: no row is anybody's."""
    random = np.random.default_rng(seed)
    drawn = [random.choice(column, PARITY_VECTORS) for column in np.asarray(rows, np.float32).T]
    vectors = np.stack(drawn, axis=1)
    expected = by_onnxruntime(content, vectors)
    inputs = [[None if np.isnan(each) else float(each) for each in vector] for vector in vectors]
    return {"inputs": inputs, "expected": [float(each) for each in expected]}


def training(script, command, seed, data, parameters):
    """How to make the same model again: code and data by digest, versions, parameters."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {
        "command": command,
        "code": code_digest(script),
        "seed": seed,
        "data": data,
        "libraries": {"python": platform.python_version()} | libraries,
        "parameters": parameters,
    }


def code_digest(script):
    """SHA-256 over the lines `digest  name` of the files that make the model."""
    names = sorted([Path(script).name, *SHARED])
    return lines_digest(HERE / name for name in names)


def lines_digest(paths):
    lines = [f"{file_digest(path)}  {Path(path).name}\n" for path in paths]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def described(name, source, missing, description, values, codes=None):
    """One input of the card; nearly all of its training values lie within its range."""
    low, high = np.nanquantile(np.asarray(values, np.float64), [0.001, 0.999])
    shape = {"range": [float(f"{low:.6g}"), float(f"{high:.6g}")]} if high > low else {}
    named = {"codes": codes} if codes else {}
    words = {"missing": missing, "description": description}
    return {"name": name, "from": source} | named | shape | words


def write_json(path, value):
    """As the project's formatter has it: lists of numbers fill their lines."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    Path(path).write_text(re.sub(NUMBERS, filled, text, flags=re.MULTILINE) + "\n")


# A list of numbers and nulls with the line that it begins on, and the comma behind it.
NUMBERS = r"^( *)([^\[\n]*)\[([\s\d.,e+null-]+)\](,?)$"


def filled(found):
    whole = re.sub(r"e-0(\d)", r"e-\1", found[0])
    indent, name, numbers, comma = re.fullmatch(NUMBERS, whole).groups()
    line = " ".join(numbers.split())
    if len(indent + name + line + comma) + 2 <= COLUMNS:
        return f"{indent}{name}[{line}]{comma}"
    if "null" in line:
        return whole
    inner = f"{indent}  "
    rows = textwrap.fill(line, COLUMNS, initial_indent=inner, subsequent_indent=inner)
    return f"{indent}{name}[\n{rows}\n{indent}]{comma}"


def plain(value):
    """Whole numbers without a fraction, as JavaScript writes them."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
