"""What a map says about its own weak sides: codes with English and Chinese sentences.

A note is data and travels with the map: into captions, GeoJSON, JSON. Tests:
tests/aqi/test_map_stations.py, tests/aqi/test_map_fields.py.
"""

from __future__ import annotations

from dataclasses import dataclass

_SENTENCES = {
    "no_coordinates": ("left out, without coordinates", "无坐标，未参与"),
    "bad_coordinates": ("left out, coordinates impossible", "坐标异常，未参与"),
    "far_away": ("left out, more than 20 degrees from the others", "距其他站点过远，未参与"),
    "same_place": ("at one place, averaged", "位置相同，取平均"),
    "bad_value": ("values negative or not finite, taken as missing", "数值异常，按缺测处理"),
    "no_value": ("without a valid value", "无有效值"),
    "few_for_kriging": (
        "too few stations for kriging, so weighted by distance",
        "站点过少不宜克里金，改用反距离加权",
    ),
    "no_variogram": (
        "no variogram fits, so weighted by distance",
        "变异函数拟合失败，改用反距离加权",
    ),
    "all_equal": ("all stations have the same value", "各站数值相同"),
    "one_line": ("the stations stand on one line", "站点位于同一直线上"),
    "one_station": ("one station alone makes this map", "仅一个站点"),
    "no_station": ("no station has a value", "无站点有效值"),
    "covers_part": ("measured in a part of the map only", "仅覆盖部分区域"),
    "absent": ("not measured: the index is that of the others", "未监测，指数由其余项目得出"),
    "wide": ("wider than a zone: equal-area plane", "范围超出投影带，采用等积投影"),
    "clipped": ("cells below zero set to zero", "个网格为负值，置零"),
}


@dataclass(frozen=True)
class Note:
    """``code`` from the list above, the ``names`` it is about, or how many things (``count``)."""

    code: str
    names: tuple[str, ...] = ()
    count: int = 0

    def english(self) -> str:
        """For logs and the command line."""
        return self._with(", ", " ", 0)

    def chinese(self) -> str:
        """For captions."""
        return self._with("、", "", 1)

    def _with(self, comma: str, blank: str, language: int) -> str:
        named = comma.join(self.names[:6])
        if len(self.names) > 6:
            named += f"{comma}… ({len(self.names)})"
        subject = named or (str(self.count) if self.count else "")
        sentence = _SENTENCES[self.code][language]
        return (
            f"{subject}{':' if named and blank else ''}{blank}{sentence}" if subject else sentence
        )

    def as_json(self) -> dict[str, object]:
        """Code, names, count and both sentences."""
        return {
            "code": self.code,
            "names": list(self.names),
            "count": self.count,
            "en": self.english(),
            "zh": self.chinese(),
        }
