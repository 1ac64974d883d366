"""A private PostgreSQL server for tests: Debian's binaries, a Unix socket in a short folder, one
database that each test finds empty. Only what is started here is ended."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from waiting import wait_until

_USER = "postgres"


def binaries() -> Path | None:
    """The newest PostgreSQL of Debian; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Cluster:
    """One server. It refuses to run as root, so then it gets Debian's user."""

    def __init__(self) -> None:
        found = binaries()
        if found is None:
            pytest.skip("no PostgreSQL: apt-get install postgresql")
        self._binaries = found
        # A socket's path has room for 107 bytes: not pytest's folder.
        self.folder = Path(tempfile.mkdtemp(prefix="hj212d-pg-", dir="/tmp"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._server: subprocess.Popen[bytes] | None = None
        subprocess.run(
            [
                self._binaries / "initdb",
                f"--pgdata={self.folder / 'data'}",
                f"--username={_USER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=90,
            cwd=self.folder,
            **self._as,
        )
        self.start()

    def url(self) -> str:
        """The URL of its database, as a registry takes it."""
        return f"postgresql://{_USER}@/postgres?host={self.folder}"

    def empty_database(self) -> str:
        """The URL of a database that is empty now: the same one each time."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")  # as in a new one
        return self.url()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = {"unix_socket_directories": self.folder, "listen_addresses": "", "fsync": "off"}
        self._server = subprocess.Popen(
            [
                self._binaries / "postgres",
                "-D",
                self.folder / "data",
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as,
        )
        wait_until(self._answers)

    def stop(self) -> None:
        """End it at once; its clients lose their connections."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None

    def close(self) -> None:
        """End it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=20).close()
        except psycopg.OperationalError:
            return False
        return True
