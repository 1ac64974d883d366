"""Stands for `hj212d report`: does as its first argument says, with the options of the room."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    """One job."""
    what, *options = sys.argv[1:]
    given = dict(one.lstrip("-").split("=", 1) for one in options if "=" in one)
    print(json.dumps({"stage": what, "done": 1, "total": 4}), flush=True)
    match what:
        case "make":
            Path(given["output"]).write_text(json.dumps(options), encoding="utf-8")
            print(json.dumps({"made": {"title": "十月月报"}}), flush=True)
        case "refuse":
            print("no JSON\n" + "x" * 200_000, flush=True)
            print("hj212d: no place is asked for", file=sys.stderr)
            sys.exit(1)
        case "nothing":
            pass
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            Path(given["data"], "deaf").touch()
            time.sleep(60)
        case "wait":
            while not Path(given["data"], "go").exists():
                time.sleep(0.01)
            Path(given["output"]).write_text("waited", encoding="utf-8")


if __name__ == "__main__":
    main()
