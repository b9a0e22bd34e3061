"""Files checked by several processes: in any order, handed back in the order asked for, and a process that dies is told of.

Each worker has a pipe of its own, over which it says what came of the files that it was given, several at once and in order: to
hear of each by itself would take as much as a tenth of checking it. When a worker dies, what it has not answered for is given
to a new one, which answers for each file at once; if that one dies as well, it is known at which.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from wa_policy.records import NamedTuple
from wa_policy.report.model import NotChecked
from wa_policy.rules.loading import aside
from wa_policy.rules.registry import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from wa_policy.engine.one_file import FileResult
    from wa_policy.engine.session import Options, Session
    from wa_policy.source.discover import Found

    _Answer = tuple[int, FileResult | None, str]
    """What a worker says of a file, by its place: what became of it (None: a rule interrupts the run), or what failed."""

    _Given = tuple[bool, Sequence[tuple[int, Found]]]
    """What a worker is given: whether to answer for each file at once, and the files by their places; without any, it ends."""

BREAK_EVEN = 200
"""From how many files on a second process is worth its start; measured, see docs/performance.md."""

MOST = 8
"""How many processes are started when nobody says how many."""

SLICE = 16
"""How many files a worker is given at a time: few enough to share the work evenly, enough to be rarely asked."""

SILENCE = 0.1
"""For how many seconds a worker keeps answers to itself."""

_PATIENCE = 1.0
"""How many seconds a worker has to end when it is told to, and may be silent before we look whether it is there at all."""


class CheckError(Exception):
    """A worker failed in our own code, where no rule can be blamed: what it said."""


def how_many(asked: int | None, files: int) -> int:
    """How many processes to check so many files with; None leaves it to what was measured."""
    if asked is not None:
        return max(1, min(asked, files))
    if files < BREAK_EVEN:
        return 1
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(free, MOST)


def check_all(
    files: Sequence[Found], session: Session, jobs: int, progress: Callable[[str], None]
) -> Iterator[FileResult]:
    """Check files by ``jobs`` processes; the results come in the order of the files.

    The first file is checked here, so that what all need is built before the processes part.
    """
    from wa_policy.engine.one_file import check_file

    progress(files[0].path)
    yield check_file(files[0], session)
    gc.collect()
    gc.freeze()  # what is shared stays shared: a collection would write to every object
    pool = _Pool(files, session, progress)
    with _ended_before_us(pool):
        try:
            pool.start(jobs)
            yield from pool.results()
        finally:
            pool.end()
            gc.unfreeze()


@contextmanager
def _ended_before_us(pool: _Pool) -> Iterator[None]:
    """Let a SIGTERM that ends us end the workers first: one that is busy would never notice that we are gone."""
    import signal

    ends_us = False
    with suppress(ValueError):  # not in the main thread, where no signal arrives
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _ender(pool))
            ends_us = True
    try:
        yield
    finally:
        if ends_us:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _ender(pool: _Pool) -> Callable[[int, object], None]:
    import signal

    us = os.getpid()

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # to be told twice changes nothing
        try:
            if os.getpid() == us:  # else this is a worker that is just being started
                pool.end()
        finally:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    return end


class _Worker(NamedTuple):
    process: BaseProcess
    connection: Connection
    waiting: deque[int]
    """The files that it was given and has not answered for, the one that it is at first."""


class _Pool:
    def __init__(self, files: Sequence[Found], session: Session, progress: Callable[[str], None]) -> None:
        self._files = files
        self._session = session
        self._progress = progress
        # Forking is safe where nothing of the system's runs threads of its own; elsewhere each process starts afresh.
        import multiprocessing  # only now that it is known to be worth it
        import multiprocessing.connection

        self._wait = multiprocessing.connection.wait
        self._context: ForkContext | SpawnContext = (
            multiprocessing.get_context("fork")
            if sys.platform.startswith("linux")
            else multiprocessing.get_context("spawn")
        )
        self._left = deque(range(1, len(files)))
        self._suspects: set[int] = set()
        """The files that a worker died with: one of them is to blame."""
        self._workers: list[_Worker] = []

    def start(self, jobs: int) -> None:
        """Start so many workers, and give them their first files."""
        for _ in range(min(jobs, len(self._left))):
            self._start()

    def results(self) -> Iterator[FileResult]:
        """Yield what came of the second file, of the third, and so on."""
        done: dict[int, FileResult] = {}
        for index in range(1, len(self._files)):
            while index not in done:
                self._receive(done)
            yield done.pop(index)

    def end(self) -> None:
        """Leave no process behind, whatever they are at."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            worker.process.kill()  # a plugin may have made it deaf to the first word
            worker.process.join()
            worker.connection.close()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        if self._context.get_start_method() == "fork":
            # A copy of our ends in a worker would keep it from noticing that we are gone.
            inherited = [ours, *(worker.connection for worker in self._workers)]
            words: tuple[object, ...] = (theirs, self._session, inherited)
        else:
            words = (theirs, self._session.options, [])
        process = self._context.Process(target=_work, args=words, daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours, deque())
        self._workers.append(worker)
        self._give(worker)

    def _give(self, worker: _Worker) -> None:
        left = self._left
        at_once = bool(left) and left[0] in self._suspects
        while left and len(worker.waiting) < SLICE and (left[0] in self._suspects) is at_once:
            worker.waiting.append(left.popleft())
        # Nothing to do is told as well: then it ends. One that is gone already is buried when its answer is missed.
        with suppress(OSError):
            worker.connection.send((at_once, [(index, self._files[index]) for index in worker.waiting]))

    def _receive(self, done: dict[int, FileResult]) -> None:
        by_connection = {worker.connection: worker for worker in self._workers}
        all_ready = self._wait(list(by_connection), _PATIENCE)
        if not all_ready:
            self._bury_silent(done)
        for ready in all_ready:
            worker = by_connection[ready]  # type: ignore[index]  # what is waited for are these
            try:
                answers = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker, done)
                continue
            for index, result, failure in answers:
                if result is None:
                    raise KeyboardInterrupt
                if failure:
                    raise CheckError(failure)
                self._progress(self._files[index].path)
                done[index] = result
                worker.waiting.remove(index)
            if not worker.waiting:
                self._give(worker)

    def _bury_silent(self, done: dict[int, FileResult]) -> None:
        """Bury those that are gone and said all: a process that a plugin started may hold a pipe open, and the sentinel too."""
        for worker in list(self._workers):
            if worker.process.exitcode is not None and not worker.connection.poll():
                self._bury(worker, done)

    def _bury(self, worker: _Worker, done: dict[int, FileResult]) -> None:
        """A worker is gone. One that was done has ended; else a file that it was given is to blame, and the others go on.

        Which one it is, is known of a worker that has answered for each file at once.
        """
        from wa_policy.engine.one_file import FileResult

        worker.process.join()
        worker.connection.close()
        self._workers.remove(worker)
        if not worker.waiting:
            return
        if len(worker.waiting) == 1 or worker.waiting[0] in self._suspects:
            index = worker.waiting.popleft()
            missed = _died(self._files[index].path, worker.process.exitcode)
            done[index] = FileResult(not_checked=(missed,), lost=True)
        else:
            self._suspects.update(worker.waiting)
        self._left.extendleft(reversed(worker.waiting))
        if self._left:
            self._start()


_REMEDY = "Check this file alone, with --jobs 1; a plugin may be to blame: --no-plugins runs without them"


def _died(path: str, code: int | None) -> NotChecked:
    import signal

    if code is not None and code < 0:
        try:
            how = f"by signal {signal.Signals(-code).name}"
        except ValueError:
            how = f"by signal {-code}"
    else:
        how = f"with exit code {code}"
    return NotChecked(path, f"the process that checked it ended {how}", path, remedy=_REMEDY)


def _work(connection: Connection, known: Session | Options, inherited: Sequence[Connection]) -> None:
    """What a worker does: check what it is given, one file at a time, until nothing is left or nobody listens."""
    import multiprocessing
    import signal

    from wa_policy.engine.session import Options, open_session

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    if signal.getsignal(signal.SIGTERM) != signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what our parent does about it is not for us to do
    multiprocessing.current_process().daemon = False  # rules may start processes, as they may without workers
    for other in inherited:
        other.close()
    with aside():  # what plugins print must not stand in the midst of a report
        _serve(connection, open_session(known) if isinstance(known, Options) else known)


def _serve(connection: Connection, session: Session) -> None:
    from wa_policy.engine.one_file import FileResult, check_file

    pack = _packer()
    given: _Given
    try:
        while (given := connection.recv())[1]:
            at_once, files = given
            said, answers = monotonic(), []
            for index, found in files:
                answer: _Answer
                try:
                    answer = (index, check_file(found, session), "")
                except KeyboardInterrupt:  # a rule's own: it ends the run, as it does where there is no worker
                    answer = (index, None, "")
                except BaseException as error:  # noqa: BLE001  # it is raised again where somebody sees it
                    answer = (index, FileResult(), words_of(error))
                answers.append((answer, found.path))
                if at_once or answer[1] is None or monotonic() - said > SILENCE:
                    connection.send_bytes(_packed(answers, pack))
                    said, answers = monotonic(), []
            if answers:
                connection.send_bytes(_packed(answers, pack))
    except (EOFError, OSError):
        return


def _packed(answers: Sequence[tuple[_Answer, str]], pack: Callable[[object], bytes]) -> bytes:
    """Answers as they are sent, each with its file's path."""
    try:
        return pack([answer for answer, _ in answers])
    except Exception:  # noqa: BLE001  # of whatever class: it is told
        return pack([_to_be_sent(answer, path, pack) for answer, path in answers])


def _to_be_sent(answer: _Answer, path: str, pack: Callable[[object], bytes]) -> _Answer:
    """An answer, if it can be sent; else it costs its file, as a worker that dies does."""
    from wa_policy.engine.one_file import FileResult

    try:
        pack(answer)
    except Exception as error:  # noqa: BLE001  # as above
        reason = f"what was found in it cannot be handed over by the process that checked it: {words_of(error)}"
        missed = NotChecked(path, reason, path, remedy=_REMEDY)
        return answer[0], FileResult(not_checked=(missed,), lost=True), ""
    return answer


def _packer() -> Callable[[object], bytes]:
    """What pickles, with texts of a plugin's own class as plain ones: nobody else may know the class."""
    import io
    import pickle

    class Pickler(pickle.Pickler):
        def reducer_override(self, value: object) -> Any:
            return (str, (str.__str__(value),)) if isinstance(value, str) else NotImplemented

    def pack(value: object) -> bytes:
        file = io.BytesIO()
        Pickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
        return file.getvalue()

    return pack
