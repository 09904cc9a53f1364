"""The messages in tests/samples/, by kind and name; where each is from stands in its README."""

from pathlib import Path

FOLDER = Path(__file__).parent / "samples"


def names(kind: str) -> set[str]:
    """Return the names of all samples of a kind, such as `frames`."""
    return {path.stem for path in (FOLDER / kind).iterdir()}


def sample(kind: str, name: str) -> bytes:
    """Return the bytes of one sample, as they come over the wire."""
    (path,) = (FOLDER / kind).glob(f"{name}.*")
    return path.read_bytes()
