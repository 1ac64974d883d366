"""The rooms that make judgements of what is stored, put together: means, air quality, other media,
bulletins, forecasts, analysis, and the jobs that draw reports and maps of them.

Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint

from admin import (
    analysis_api,
    bulletins_api,
    forecast_api,
    means_api,
    media_api,
    quality_api,
    reports_api,
)
from hj212d.hub.analysis.assembly import make_analysis
from hj212d.hub.bulletins.assembly import make_bulletins
from hj212d.hub.connection import Answering
from hj212d.hub.devices import Devices
from hj212d.hub.forecasts.assembly import make_forecasts
from hj212d.hub.jobs.assembly import make_jobs
from hj212d.hub.means.assembly import make_means
from hj212d.hub.media.assembly import make_media
from hj212d.hub.orders import Orders
from hj212d.hub.quality.assembly import make_quality
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from store.means import Store


class Judging:
    """``services`` are to be started after registry and ingest, in this order."""

    def __init__(
        self,
        reactor: Any,
        orders: Orders,
        *,
        store: Store,
        registry: RegistryService,
        devices: Devices,
        sites: SiteBook,
        store_at_us: Callable[[], int],
        slow: SlowWork,
        now_us: Callable[[], int],
    ) -> None:
        """``store_at_us``: all that came before is in the store."""
        self.means = make_means(
            reactor,
            store=store,
            registry=registry,
            devices=devices,
            sites=sites,
            store_at_us=store_at_us,
            slow=slow,
            settings=orders.means,
            now_us=now_us,
        )
        self.quality = make_quality(
            reactor,
            means=self.means.means,
            sites=sites,
            registry=registry,
            slow=slow,
            settings=orders.quality,
        )
        self.media = make_media(
            reactor,
            means=self.means.means,
            sites=sites,
            store=store,
            registry=registry,
            slow=slow,
            settings=orders.media,
            now_us=now_us,
        )
        self.jobs = make_jobs(
            reactor,
            data_dir=Path(orders.data_dir),
            config_path=orders.config_path,
            settings=orders.reports,
            now_us=now_us,
        )
        self.analysis = make_analysis(
            means=self.means.means, quality=self.quality.quality, slow=slow
        )
        self.bulletins = make_bulletins(
            reactor,
            store=store,
            quality=self.quality.quality,
            registry=registry,
            sites=sites,
            settings=orders.bulletins,
            now_us=now_us,
        )
        self.forecasts = make_forecasts(
            reactor,
            store=store,
            data_dir=Path(orders.data_dir),
            jobs=self.jobs.service,
            slow=slow,
            settings=orders.forecast,
            now_us=now_us,
        )
        self.services = [
            self.means.service,
            self.bulletins.service,
            self.jobs.service,
            self.forecasts.service,
        ]
        self.answers: dict[type[Request], Answering] = {
            **self.means.answers,
            **self.quality.answers,
            **self.media.answers,
            **self.bulletins.answers,
            **self.forecasts.answers,
        }

    def routes(self) -> list[Callable[[Blueprint], None]]:
        """What the API gets of these rooms."""
        return [
            reports_api.routes(self.jobs.window),
            analysis_api.routes(self.analysis),
            means_api.routes(self.means.window),
            quality_api.routes(self.quality.window),
            media_api.routes(self.media.window),
            bulletins_api.routes(self.bulletins.window),
            forecast_api.routes(self.forecasts.window),
        ]

    def reload(self, orders: Orders) -> None:
        """Take over what may change while running."""
        self.means.reload(orders.means)
        self.quality.quality.settings = orders.quality
        self.media.media.settings = orders.media
        self.bulletins.service.configure(orders.bulletins)
        self.forecasts.service.configure(orders.forecast)
        self.jobs.service.settings = orders.reports

    def status(self) -> dict[str, Any]:
        """What the status object says of them."""
        return {
            "means": self.means.service.status(),
            "bulletins": self.bulletins.service.status(),
        }
