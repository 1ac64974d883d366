"""Attributes of a grid of CMAQ over the east of China: 9 km, Lambert's projection."""

CMAQ = {
    "GDTYP": 2,
    "P_ALP": 25.0,
    "P_BET": 47.0,
    "P_GAM": 110.0,
    "XCENT": 110.0,
    "YCENT": 34.0,
    "XORIG": 200_000.0,
    "YORIG": -600_000.0,
    "XCELL": 9_000.0,
    "YCELL": 9_000.0,
    "NCOLS": 120,
    "NROWS": 100,
}
