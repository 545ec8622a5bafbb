"""Rows, repositories, units of work, migrations, media."""
