"""The rules of the product: no web framework, no bot framework, no SQL."""
