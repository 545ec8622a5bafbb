"""Calls of those who run the installation: `admin`, or `support`, who see everything but money."""

from webapp.routes.admin import broadcasts, licenses, money, orders, tickets, users, watching

SUBJECTS = (users, licenses, orders, money, tickets, broadcasts, watching)
