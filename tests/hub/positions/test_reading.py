"""Coordinates as vendors write them, and what cannot be one."""

from __future__ import annotations

import msgspec
import pytest

from hj212d.hub.positions.reading import Place, Reader
from hj212d.hub.positions.settings import PositionSettings
from hj212d.wire import build, codec
from hj212d.wire.frame import Frame

READER = Reader(PositionSettings())


def frame_of(cp: str) -> Frame:
    """An upload with this content."""
    segment = build.segment(
        qn="20260601120000000", st="22", cn="2011", pw="1", mn="M1", flag=5, cp=cp
    )
    (cut,) = codec.Cutter().feed(build.frame(segment))
    return codec.decode(cut)


@pytest.mark.parametrize(
    ("cp", "source"),
    [
        ("DataTime=20260601120000;l01001-Rtd=119.90,l01001-Flag=N;l01002-Rtd=32.48", "l01001"),
        ("DataTime=20260601120000;l01001-Avg=119.90;l01002-Avg=32.48", "l01001"),
        ("DataTime=20260601120000;Longitude=119.90;Latitude=32.48", "Longitude"),
        ("DataTime=20260601120000;Longitude-Rtd=119.90;Latitude-Rtd=32.48", "Longitude"),
        ("DataTime=20260601120000;lng=E119.90;lat=32.48N", "lng"),
        ("DataTime=20260601120000;lon=119.90;lat=32.48", "lon"),
        ("DataTime=20260601120000;GPS-Lon=11954.000,GPS-Lat=3228.800", "GPS-Lon"),
    ],
)
def test_places_are_found_in_the_fields_that_vendors_use(cp: str, source: str):
    """Factors, fields of CP, decimal degrees, degrees and minutes, letters."""
    place = READER.of_frame(frame_of(cp))
    assert place is not None
    assert (place.longitude, place.latitude) == (119.9, 32.48)
    assert place.source.startswith(source)


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [
        ("0", "0"),
        ("0.000000", "0.000000"),
        ("", "32.48"),
        ("119.9", ""),
        ("32.48", "119.9"),
        ("181", "32"),
        ("11999.9", "3228.8"),
        ("119.9N", "32.48"),
        ("-119.9E", "32.48"),
        ("E119.9E", "32.48"),
        ("1e2", "32"),
        ("nan", "32"),
        ("W119.9", "32.48"),
        ("-119.9", "32.48"),
        ("１１９.9", "32.48"),
    ],
)
def test_what_is_no_place_in_china_is_left_alone(longitude: str, latitude: str):
    """No fix, exchanged fields, wrong letters, other countries, no numbers."""
    assert READER.of_fields({"Longitude": longitude, "Latitude": latitude}) is None


def test_places_elsewhere_are_taken_where_the_settings_say_so():
    """West and south are negative."""
    reader = Reader(PositionSettings(everywhere=True))
    found = reader.of_fields({"Longitude": "W70.6483", "Latitude": "33.45694S"})
    assert found == Place(-70.6483, -33.45694, "Longitude, Latitude")
    assert reader.of_fields({"Longitude": "0", "Latitude": "0"}) is None


def test_a_place_is_rounded_to_a_millionth_of_a_degree():
    """A receiver's noise is not information."""
    place = READER.of_fields({"l01001": "119.12345678", "l01002": "32.98765432"})
    assert place is not None
    assert (place.longitude, place.latitude) == (119.123457, 32.987654)


def test_degrees_and_minutes_can_be_switched_off():
    """For vendors whose large values are something else."""
    strict = Reader(msgspec.structs.replace(PositionSettings(), degrees_minutes=False))
    assert strict.of_fields({"GPS-Lon": "11954.0", "GPS-Lat": "3228.8"}) is None


def test_factors_are_looked_for_among_the_values_and_other_names_by_their_bytes():
    """What is encrypted on the wire has its factors in the store all the same."""
    assert READER.codes == {"l01001", "l01002"}
    assert READER.patterns == [b"Longitude", b"longitude", b"lng=", b"lon=", b"GPS-Lon"]
