"""What C libraries Python's wheels bring within them, each in the version that it says of itself.

Their makers linked or packed them in, so no lock names them; whoever watches for faults in OpenSSL must find each of them.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Within:
    """One library.

    Attributes:
        licence: an SPDX expression.
    """

    wheel: str
    name: str
    version: str
    licence: str


_KNOWN: dict[str, tuple[tuple[str, str, Callable[[], object]], ...]] = {
    "cryptography": (("openssl", "Apache-2.0", lambda: _cryptography().openssl_version_text()),),
    "lxml": (
        ("libxml2", "MIT", lambda: _module("lxml.etree").LIBXML_VERSION),
        ("libxslt", "MIT", lambda: _module("lxml.etree").LIBXSLT_VERSION),
    ),
    "pikepdf": (("qpdf", "Apache-2.0", lambda: _module("pikepdf").__libqpdf_version__),),
    "pillow": (
        ("libjpeg-turbo", "IJG AND BSD-3-Clause", lambda: _of_pillow("libjpeg_turbo")),
        ("libtiff", "libtiff", lambda: _of_pillow("libtiff")),
        ("libwebp", "BSD-3-Clause", lambda: _of_pillow("webp")),
        ("lcms2", "MIT", lambda: _of_pillow("littlecms2")),
        ("openjpeg", "BSD-2-Clause", lambda: _of_pillow("jpg_2000")),
        ("zlib-ng", "Zlib", lambda: _of_pillow("zlib_ng")),
    ),
    "pyside6-essentials": (("qt", "LGPL-3.0-only", lambda: _module("PySide6.QtCore").qVersion()),),
    "sqlcipher3": (
        ("sqlcipher", "BSD-3-Clause", lambda: _of_sqlcipher("cipher_version")),
        ("sqlite", "blessing", lambda: _module("sqlcipher3.dbapi2").sqlite_version),
        ("openssl", "Apache-2.0", lambda: _of_sqlcipher("cipher_provider_version")),
    ),
}


def within(wheel: str) -> Iterator[Within]:
    """Those within one wheel of the environment that this runs in; nothing of one that has none.

    Args:
        wheel: its normal name.

    Raises:
        SystemExit: a library doesn't say its version any more.
    """
    for name, licence, ask in _KNOWN.get(wheel, ()):
        told = ask()
        text = ".".join(map(str, told)) if isinstance(told, tuple) else str(told)
        version = re.search(r"\d+(\.\d+)+", text)
        if version is None:
            raise SystemExit(
                f"{wheel} doesn't say which {name} it brings: {text!r} (packaging/wheels_within.py)"
            )
        yield Within(wheel, name, version[0], licence)


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _cryptography() -> Any:
    return _module("cryptography.hazmat.backends.openssl").backend


def _of_pillow(feature: str) -> object:
    return _module("PIL.features").version(feature)


def _of_sqlcipher(pragma: str) -> object:
    connection = _module("sqlcipher3.dbapi2").connect(":memory:")
    try:
        # It answers only where there is a key.
        connection.execute("PRAGMA key = 'of nothing'")
        return connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    finally:
        connection.close()
