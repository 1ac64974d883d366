"""The daemon from the command line's side: settle what can fail, start the processes, say ready.

Put together here: hub and listener processes, signals, systemd. Tests: tests/cli/test_serve.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from hj212d.cli import data_lock, notify, open_files
from hj212d.cli.binding import Bound, CannotListen, summary
from hj212d.cli.here import Here
from hj212d.cli.refusal import Refusal
from hj212d.cli.supervisor import ProcessSpec, StartFailed, Supervisor
from hj212d.config import places
from hj212d.config.addresses import parse_listen
from hj212d.config.changes import reloaded, restart_line
from hj212d.config.model import Config
from hj212d.link import tally
from hj212d.link.orders import WorkerOrders
from hj212d.link.orders import encode as encode_worker_orders

HUB_READY_WITHIN_S = 10.0  # frames are taken without a hub: they wait in the journal
HUB_END_WITHIN_S = 60.0  # it brings the journal into the store first
DRAIN_GRACE_S = 10.0

_HUB = "hub"
_HUB_ARGV = (sys.executable, "-m", "hj212d.cli.hub")
_WORKER_ARGV = (sys.executable, "-m", "hj212d.cli.worker")
_log = logging.getLogger("hj212d.supervisor")


def run(here: Here, overrides: Mapping[str, Any]) -> int:
    """Serve until SIGTERM or SIGINT; the exit status.

    ``overrides``: dotted key -> value from the command line, in force over reloads, too. Refusal,
    with one sentence, when the daemon cannot start.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")

    def load() -> Config:
        return here.config(dict(overrides))

    config = load()
    data = here.data.absolute()
    bound = Bound()
    lock_fd = tally_fd = -1
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock_fd = data_lock.take(places.lock(data))
        inherited = notify.take_sockets(os.environ, os.getpid())
        if inherited:
            bound.inherit(inherited, [profile.name for profile in config.profiles])
        else:
            bound.bind(parse_listen(text) for text in config.link.listen)
        plan = open_files.plan(
            config.link.workers,
            config.link.max_links,
            open_files.raise_limit(),
            len(bound.addresses),
            len(os.sched_getaffinity(0)),
        )
        if plan.workers == 1:
            bound.listen(config.link.backlog)
        tally_fd = tally.make(plan.workers)
        daemon = Daemon(config, data, bound, plan, tally_fd, lock_fd, load, here.config_path)
        return uvloop.run(daemon.serve())
    except (data_lock.DataBusy, CannotListen, open_files.TooManyLinks, StartFailed) as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{data}: {error.strerror or error}") from error
    finally:
        bound.close()
        for fd in (lock_fd, tally_fd):
            if fd >= 0:
                os.close(fd)


class Daemon:
    """The processes of one data folder, and the signals that steer them."""

    def __init__(
        self,
        config: Config,
        data: Path,
        bound: Bound,
        plan: open_files.Plan,
        tally_fd: int,
        lock_fd: int,
        load: Callable[[], Config],
        config_path: Path | None,
    ) -> None:
        self._config = config
        self._config_path = str(config_path.absolute()) if config_path else ""
        self._data = data
        self._bound = bound
        self._plan = plan
        self._tally_fd = tally_fd
        self._load = load
        self._notifier = notify.Notifier(os.environ)
        self.supervisor = Supervisor(self._specs(lock_fd))

    async def serve(self) -> int:
        """Start all, say ready, run until told to end, end all; the exit status."""
        loop = asyncio.get_running_loop()
        ending = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        watching = loop.create_task(self._show_life())
        ended = loop.create_task(ending.wait())
        starting = loop.create_task(self.supervisor.start())
        try:
            await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                print(self._ready_line(), flush=True)
                self._notifier.ready()
                await ended
        finally:
            self._notifier.stopping()
            for task in (starting, ended):
                task.cancel()
            await asyncio.gather(starting, ended, return_exceptions=True)
            self._bound.close()  # nobody is to wait in the queue of a socket that we listen on
            await self.supervisor.stop()
            watching.cancel()
        return 0

    def _specs(self, lock_fd: int) -> list[ProcessSpec]:
        orders = self._orders()
        drain_s = self._config.link.drain_timeout_s + DRAIN_GRACE_S
        hub = ProcessSpec(
            _HUB,
            _HUB_ARGV,
            orders[_HUB],
            stage=0,
            pass_fds=(lock_fd,),
            ready_within_s=HUB_READY_WITHIN_S,
            end_within_s=HUB_END_WITHIN_S,
        )
        workers = [
            ProcessSpec(
                _worker_name(slot),
                _WORKER_ARGV,
                orders[_worker_name(slot)],
                stage=1,
                pass_fds=(lock_fd, self._tally_fd, *self._bound.inherited),
                end_within_s=drain_s,
            )
            for slot in range(self._plan.workers)
        ]
        return [hub, *workers]

    def _orders(self) -> dict[str, bytes]:
        """The line for each process under the configuration in force."""
        config, data = self._config, self._data
        orders = {
            _worker_name(slot): encode_worker_orders(
                WorkerOrders(
                    slot=slot,
                    lane=str(slot),
                    journal_dir=str(places.journal_dir(config, data)),
                    control=str(places.control(config, data)),
                    max_links=self._plan.share,
                    addresses=self._bound.addresses,
                    all_links=self._plan.links,
                    workers=self._plan.workers,
                    tally_fd=self._tally_fd,
                    link=config.link,
                    journal=config.journal,
                    profiles=config.profiles,
                    devices=config.devices,
                )
            )
            for slot in range(self._plan.workers)
        }
        orders[_HUB] = msgspec.json.encode(
            {
                "data_dir": str(data),
                "hub": config.hub,
                "commands": config.commands,
                "completeness": config.completeness,
                "keys": config.keys,
                "position": config.position,
                "store": config.store,
                "registry": config.registry,
                "journal": config.journal,
                "devices": config.devices,
                "profiles": config.profiles,
                "sites": config.sites,
                "review": config.review,
                "means": config.means,
                "quality": config.quality,
                "forecast": config.forecast,
                "media": config.media,
                "bulletins": config.bulletins,
                "reports": config.reports,
                "alerts": config.alerts,
                "notify": config.notify,
                "schedules": config.schedules,
                "config_path": self._config_path,
                "forwards": config.forwards,
                "unknown_mn": config.link.unknown_mn,
                "listen": [str(address) for address in self._bound.addresses],
            }
        )
        return orders

    def _ready_line(self) -> str:
        hub = self.supervisor.children[_HUB].ready
        words = {
            "listen": summary(self._bound.addresses),
            "http": hub.get("http", "none"),
            "store": hub.get("store", places.store_url(self._config, self._data)),
            "workers": self._plan.workers,
            "pid": os.getpid(),
        }
        return "ready " + " ".join(f"{name}={value}" for name, value in words.items())

    def _reload(self) -> None:
        self._notifier.reloading()
        try:
            new = self._load()
        except Refusal as error:
            _log.error('event=reload_failed error="%s"', error)
        else:
            waiting = restart_line(self._config, new)
            if waiting:
                _log.warning('event=reload note="%s"', waiting)
            self._config = reloaded(self._config, new)
            self.supervisor.order(self._orders())
            _log.info("event=reloaded")
        self._notifier.ready()

    async def _show_life(self) -> None:
        period_s = notify.watchdog_s(os.environ, os.getpid())
        while period_s is not None:
            self._notifier.alive()
            await asyncio.sleep(period_s)


def _worker_name(slot: int) -> str:
    return f"worker-{slot}"
