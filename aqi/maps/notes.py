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
    "clipped": ("cells below zero set to zero", "网格负值置零"),
}


_MOST_NAMES = 6


@dataclass(frozen=True)
class Note:
    """``code`` from the list above, the ``names`` it is about, or how many things (``count``)."""

    code: str
    names: tuple[str, ...] = ()
    count: int = 0

    def english(self) -> str:
        """For logs and the command line."""
        sentence = _SENTENCES[self.code][0]
        if self.names:
            return f"{self._listed(', ')}: {sentence}"
        return f"{sentence} ({self.count})" if self.count else sentence

    def chinese(self) -> str:
        """For captions."""
        sentence = _SENTENCES[self.code][1]
        if self.names:
            return f"{self._listed('、')}：{sentence}"
        return f"{sentence}（{self.count}）" if self.count else sentence

    def _listed(self, comma: str) -> str:
        listed = comma.join(self.names[:_MOST_NAMES])
        return listed if len(self.names) <= _MOST_NAMES else f"{listed}… ({len(self.names)})"

    def as_json(self) -> dict[str, object]:
        """Code, names, count and both sentences."""
        return {
            "code": self.code,
            "names": list(self.names),
            "count": self.count,
            "en": self.english(),
            "zh": self.chinese(),
        }
