"""Open311 GeoReport v2: intake for programs that speak the standard of the world's service hotlines."""
