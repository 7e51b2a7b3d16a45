"""The tree of countries, regions, districts and towns, and the data it is read from."""
