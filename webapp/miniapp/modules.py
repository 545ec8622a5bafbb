"""Which modules a script needs, so that a page names them all at once: found one by the other they take
a way to the server each, which on a phone is most of the time until something can be seen.
"""

import posixpath
import re
from collections.abc import Iterator
from functools import cache

from webapp.pages import static_files

_IMPORTED = re.compile(rb'^import [^"]*"(\.[^"]+)"|^} from "(\.[^"]+)"', re.MULTILINE)


@cache
def needed_by(*scripts: str) -> tuple[str, ...]:
    """With the scripts themselves, each once."""
    found: dict[str, None] = {}
    waiting = list(scripts)
    while waiting:
        script = waiting.pop(0)
        if script not in found:
            found[script] = None
            waiting.extend(_imports(script))
    return tuple(found)


def _imports(script: str) -> Iterator[str]:
    for one in _IMPORTED.finditer(static_files().files[script].data):
        path = (one[1] or one[2]).decode()
        yield posixpath.normpath(posixpath.join(posixpath.dirname(script), path))
