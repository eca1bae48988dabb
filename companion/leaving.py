"""Ends the program when it is asked to, by SIGTERM or SIGINT, without tearing anything in the middle.

A signal only wakes a thread that waits for it. A handler that raised in the main thread would do so between any two
steps of it: with a lock taken and not yet remembered, or where the exception is lost.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_NOBODY = b"\0"  # no signal has this number
_GRACE_S = 9.5  # ten seconds are promised


class Leaving:
    """While it is entered, in the main thread, the signals ask and do not kill.

    `asked` is set by the first signal. Whoever has not left the block by the end of the grace (in seconds) is ended:
    nothing that was acknowledged is lost by that, at any moment.
    """

    def __init__(self, *, grace_s: float = _GRACE_S) -> None:
        self.asked = threading.Event()
        self._grace_s = grace_s
        self._left = threading.Event()
        self._tell: list[Callable[[], object]] = []
        self._watching = threading.Thread(target=self._watch, name="leaving", daemon=True)

    def tell(self, stop: Callable[[], object]) -> None:
        """Has `stop` called when it is asked, at once where it was asked already."""
        self._tell.append(stop)
        if self.asked.is_set():
            stop()

    def __enter__(self) -> Self:
        self._ear, mouth = socket.socketpair()
        mouth.settimeout(0.0)  # never waits, as Python asks of what a signal writes to
        self._mouth = mouth
        self._before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
        self._woke = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
        self._watching.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._mouth.send(_NOBODY)
        self._watching.join()
        signal.set_wakeup_fd(self._woke)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._ear.close()
        self._mouth.close()

    def _watch(self) -> None:
        if self._ear.recv(1) == _NOBODY:
            return
        log.info("asked to stop")
        self.asked.set()
        for stop in list(self._tell):
            stop()
        if not self._left.wait(self._grace_s):
            log.warning("something is still at work; leaving without it")
            os._exit(0)
