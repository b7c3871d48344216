# SPDX-License-Identifier: Apache-2.0
"""Threads that do what an asyncio loop may not wait for."""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable

Job = Callable[[], object]

_IDLE_SECONDS = 2.0  # then a thread ends


class Threads:
    """Runs jobs in threads made on demand, first come first served. Jobs raise nothing.

    It is no concurrent.futures.ThreadPoolExecutor because that stalls the loop: with 1,000 awaits of a service that takes
    20 ms, measured on a busy machine, the loop's longest stall was 12 to 50 ms with an executor and 3 to 5 ms with this (0.25 s
    and 0.21 s for all). The executor takes a lock and wakes a thread for each job, and each end of a job wakes the loop.

    A loop hands jobs over, so that takes no lock: a job goes to the backlog, and an idle thread is woken. None is missed: a
    job is in the backlog before idle threads are looked for, and a thread is among the idle before it looks at the backlog
    for the last time. The threads are daemons: a call that goes on does not keep the process alive.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._reset()
        _all.add(self)

    def _reset(self) -> None:
        self._backlog: deque[Job] = deque()
        self._idle: deque[_Thread] = deque()  # the last one to fall asleep is woken first
        self._threads: set[_Thread] = set()
        self._starting = threading.Lock()
        self._stopped = self._forking = False

    def submit(self, job: Job) -> None:
        """Has job() run; RuntimeError where the system gives no thread for it."""
        self.add(job)
        try:
            self.serve()
        except RuntimeError:
            try:
                self._backlog.remove(job)
            except ValueError:  # a thread took it
                return
            raise

    def add(self, job: Job) -> None:
        """Has job() run once `serve` is called."""
        self._backlog.append(job)

    def serve(self) -> None:
        """Wakes or starts a thread where jobs wait, and that one the next: many at once would fight for the interpreter's lock
        with the caller. RuntimeError if there is no thread at all.
        """
        if not self._backlog or self._wake():
            return
        try:
            self._start_if_wanted()
        except RuntimeError:
            if not self._threads:
                raise

    def stop(self) -> None:
        """Ends the idle threads, and each other one when nothing is left to do."""
        self._stopped = True
        self._wake_all()

    def join(self) -> None:
        """Waits until threads that were stopped have ended; each has at most a few steps left."""
        for thread in threading.enumerate():
            if isinstance(thread, _Thread) and thread.pool is self and thread.ident is not None:
                thread.join()

    def _wake(self) -> bool:
        try:
            self._idle.pop().sleep.release()
        except IndexError:
            return False
        return True

    def _wake_all(self) -> None:
        while self._wake():
            pass

    def _start_if_wanted(self) -> None:
        """One at a time: who starts a thread waits until it runs."""
        if not self._backlog or len(self._threads) >= self._most or not self._starting.acquire(blocking=False):
            return
        thread = _Thread(self, self._name)
        self._threads.add(thread)
        try:
            thread.start()
        except BaseException:
            self._threads.discard(thread)
            self._starting.release()
            raise

    def _run(self, thread: "_Thread") -> None:
        self._starting.release()
        self.serve()
        while True:
            while self._do_next(thread):
                pass
            self._threads.discard(thread)
            if not self._backlog:
                return
            self._threads.add(thread)  # a job came that counted on this thread

    def _do_next(self, thread: "_Thread") -> bool:
        """Does a job, or waits for one; False: this thread is not needed any more."""
        try:
            job = self._backlog.popleft()
        except IndexError:
            pass
        else:
            thread.has_job = True
            job()
            thread.has_job = False
            return True
        self._idle.append(thread)
        if not self._backlog and not self._stopped and not self._forking and thread.sleep.acquire(timeout=_IDLE_SECONDS):
            self.serve()
            return True
        try:
            self._idle.remove(thread)
        except ValueError:  # somebody is about to wake it
            thread.sleep.acquire()
            return True
        return False

    def before_fork(self) -> None:
        """Has the idle threads end, and others when their job is over."""
        self._forking = True
        self._wake_all()

    def after_fork_in_parent(self) -> None:
        """Threads may stay again."""
        self._forking = False

    def after_fork_in_child(self) -> None:
        """The parent's threads are not here."""
        self._reset()


class _Thread(threading.Thread):
    def __init__(self, pool: Threads, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.pool = pool
        self.sleep = threading.Lock()
        self.sleep.acquire()
        self.has_job = False  # one that is not over

    def is_free(self) -> bool:
        """True if nothing keeps it from ending."""
        return not self.has_job

    def run(self) -> None:
        self.pool._run(self)


def job_is_over() -> None:
    """Said by a job before it tells others of its end: a fork that they begin then waits for its thread as for an idle one."""
    thread = threading.current_thread()
    if isinstance(thread, _Thread):
        thread.has_job = False


def wait_for_end(thread: threading.Thread, is_ending: Callable[[], bool] = lambda: True) -> None:
    """Waits a second at most, while is_ending, until a thread has ended, for the system as well."""
    wait_until_gone(thread.native_id, lambda: is_ending() or not thread.is_alive())


def wait_until_gone(native_id: int | None, is_ending: Callable[[], bool] = lambda: True) -> None:
    """Waits a second at most, while is_ending, for the system's thread: before Python 3.13 it ends a moment after Python's."""
    task = f"/proc/self/task/{native_id}"
    end = time.monotonic() + 1
    while os.path.exists(task) and is_ending() and time.monotonic() < end:
        time.sleep(0.0002)


_all: "weakref.WeakSet[Threads]" = weakref.WeakSet()


def _each(do: Callable[[Threads], None]) -> Callable[[], None]:
    def do_each() -> None:
        for threads in list(_all):
            do(threads)

    return do_each


def _before_fork() -> None:
    """Ends the threads without a job: a process with one thread forks more safely, and newer Pythons warn about others."""
    for threads in list(_all):
        threads.before_fork()
    for thread in threading.enumerate():
        if isinstance(thread, _Thread):
            wait_for_end(thread, thread.is_free)


os.register_at_fork(
    before=_before_fork,
    after_in_parent=_each(Threads.after_fork_in_parent),
    after_in_child=_each(Threads.after_fork_in_child),
)
