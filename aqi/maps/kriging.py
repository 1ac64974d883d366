"""Ordinary kriging by pykrige: the variogram is fitted, the variance comes with the values.

Needs eight stations; whoever asks falls back to `idw.py` below that. Distances are in km here, so
that the fit is well scaled. Tests: tests/aqi/test_map_kriging.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aqi.extras import needed

Floats = NDArray[np.float64]
Model = Literal["spherical", "exponential", "gaussian", "linear"]

LEAST_STATIONS = 8
ALL_AT_ONCE = 600  # stations; more are kriged from the nearest ones only
CLOSEST = 32
_PIECE = 4_000_000  # numbers in one matrix of distances
_NO_WAY_KM = 1e-9
_WORST_CONDITION = 1e13
_LAGS = 8
_MODELS: tuple[Model, ...] = ("spherical", "exponential")


class NoVariogram(Exception):
    """No variogram could be fitted to these values."""


@dataclass(frozen=True)
class Variogram:
    """What was fitted: ``parameters`` as pykrige has them (partial sill, range in km, nugget)."""

    model: Model
    parameters: tuple[float, ...]


class Kriging:
    """Stations with a fitted variogram.

    ``log``: the logarithm of 1 + value is kriged and turned back, as suits skewed concentrations
    of particles; what comes back is then the median of the estimate, and the variance is that of
    the logarithm. NoVariogram when nothing can be fitted.
    """

    def __init__(
        self,
        points: Floats,
        values: Floats,
        *,
        log: bool = False,
        variogram: Variogram | None = None,
    ) -> None:
        self.log = log
        self._km = points / 1000.0
        own = np.log1p(values) if log else np.asarray(values, dtype=np.float64)
        # In units of their own spread: tiny or huge values would make the system ill-conditioned.
        self._scale = float(own.std()) or 1.0
        self._values = own / self._scale
        self._ok = self._fitted() if variogram is None else self._with(variogram)
        found = map(float, self._ok.variogram_model_parameters)
        self.variogram = Variogram(
            self._ok.variogram_model, _scaled(self._ok.variogram_model, found, self._scale**2)
        )

    def at(self, targets: Floats) -> Floats:
        """Values at ``targets`` (rows x, y in metres).

        One solved system serves all places: with w = A^-1 z a value is w times the variogram of
        the ways there (the dual form; the same numbers as solving at each place).
        """
        if self._many:
            return self._back(self._windowed(targets)[0])
        weights = self._inverse() @ np.append(self._values, 0.0)
        values = np.concatenate([right @ weights for right in self._right_sides(targets)])
        return self._back(np.asarray(values))

    def variance_at(self, targets: Floats) -> Floats:
        """Variances there; about a hundred times the work of the values."""
        if self._many:
            return np.maximum(self._windowed(targets)[1], 0.0) * self._scale**2
        inverse = self._inverse()
        variance = np.concatenate(
            [-((right @ inverse) * right).sum(axis=1) for right in self._right_sides(targets)]
        )
        return np.asarray(np.maximum(variance, 0.0) * self._scale**2)

    def without_each(self) -> Floats:
        """What the other stations say of each one's place, with the same variogram.

        One inverse gives all of them (Dubrule 1983, Mathematical Geology 15: the error at i is
        (A^-1 z)_i / (A^-1)_ii with the kriging matrix A): equal to leaving each out in turn.
        """
        count = len(self._km)
        if self._many:
            return self._back(self._from_neighbours())
        inverse = self._inverse()
        error = (inverse[:count, :count] @ self._values) / np.diag(inverse)[:count]
        return self._back(self._values - error)

    def _inverse(self) -> Floats:
        """Of the kriging matrix. LinAlgError when it is singular or nearly so: stations a few
        metres apart say different things."""
        matrix = self._ok._get_kriging_matrix(len(self._km))
        inverse = np.asarray(np.linalg.inv(matrix))
        if np.linalg.norm(matrix, 1) * np.linalg.norm(inverse, 1) > _WORST_CONDITION:
            raise np.linalg.LinAlgError("nearly singular")
        return inverse

    @property
    def _many(self) -> bool:
        return len(self._km) > ALL_AT_ONCE

    def _right_sides(self, targets: Floats) -> Iterator[Floats]:
        """Right sides of the kriging system, a row a target, some targets at a time."""
        count = len(self._km)
        distances = needed("scipy.spatial.distance").cdist
        step = max(_PIECE // (count + 1), 1)
        for start in range(0, len(targets), step):
            way = distances(targets[start : start + step] / 1000.0, self._km)
            right = np.ones((len(way), count + 1))
            # A station says its own value: no nugget where the way is nothing.
            right[:, :count] = np.where(way > _NO_WAY_KM, -self._gamma(way), 0.0)
            yield right

    def _windowed(self, targets: Floats) -> tuple[Floats, Floats]:
        """Values and variances from the nearest stations only."""
        values, variances = self._ok.execute(
            "points",
            targets[:, 0] / 1000.0,
            targets[:, 1] / 1000.0,
            backend="C",
            n_closest_points=CLOSEST,
        )
        return np.asarray(values), np.asarray(variances)

    def _from_neighbours(self) -> Floats:
        """Leave-one-out where values come from the nearest stations only."""
        _, nearest = needed("scipy.spatial").cKDTree(self._km).query(self._km, k=CLOSEST + 1)
        nearest = nearest[:, 1:]
        near = self._km[nearest]
        among = np.linalg.norm(near[:, :, None, :] - near[:, None, :, :], axis=3)
        away = np.linalg.norm(near - self._km[:, None, :], axis=2)
        matrix = np.zeros((len(near), CLOSEST + 1, CLOSEST + 1))
        matrix[:, :CLOSEST, :CLOSEST] = -self._gamma(among)
        matrix[:, range(CLOSEST), range(CLOSEST)] = 0.0
        matrix[:, CLOSEST, :CLOSEST] = matrix[:, :CLOSEST, CLOSEST] = 1.0
        right = np.ones((len(near), CLOSEST + 1, 1))
        right[:, :CLOSEST, 0] = -self._gamma(away)
        weights = np.linalg.solve(matrix, right)[:, :CLOSEST, 0]
        return np.asarray((weights * self._values[nearest]).sum(axis=1))

    def _gamma(self, way_km: Floats) -> Floats:
        return np.asarray(self._ok.variogram_function(self._ok.variogram_model_parameters, way_km))

    def _back(self, values: Floats) -> Floats:
        own = values * self._scale
        return np.asarray(np.expm1(own) if self.log else own)

    def _fitted(self) -> Any:
        """The model of those tried whose leave-one-out error is least."""
        best: tuple[float, Any] | None = None
        for model in _MODELS:
            try:
                self._ok = self._new(model, None)
                error = float(np.sqrt(np.mean((self.without_each() - self._measured()) ** 2)))
            except (ValueError, np.linalg.LinAlgError):
                continue
            if np.isfinite(error) and (best is None or error < best[0]):
                best = error, self._ok
        if best is None:
            raise NoVariogram
        return best[1]

    def _measured(self) -> Floats:
        return self._back(self._values)

    def _with(self, variogram: Variogram) -> Any:
        own = _scaled(variogram.model, variogram.parameters, 1 / self._scale**2)
        return self._new(variogram.model, list(own))

    def _new(self, model: Model, parameters: list[float] | None) -> Any:
        return needed("pykrige.ok").OrdinaryKriging(
            self._km[:, 0],
            self._km[:, 1],
            self._values,
            variogram_model=model,
            variogram_parameters=_named(model, parameters),
            nlags=_LAGS,
            weight=True,
            exact_values=True,
        )


def _scaled(model: Model, parameters: Iterable[float], by: float) -> tuple[float, ...]:
    """Sills, nuggets and slopes go with the square of the values, ranges do not."""
    own = tuple(parameters)
    if model == "linear":
        return tuple(one * by for one in own)
    return own[0] * by, own[1], own[2] * by


def _named(model: Model, parameters: list[float] | None) -> dict[str, float] | None:
    """pykrige reads a list as sill, range, nugget, yet keeps the partial sill: names are clear."""
    if parameters is None:
        return None
    if model == "linear":
        return dict(zip(("slope", "nugget"), parameters, strict=True))
    return dict(zip(("psill", "range", "nugget"), parameters, strict=True))
