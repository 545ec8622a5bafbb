"""Uploaded sounds: checked, evened out, stored."""
