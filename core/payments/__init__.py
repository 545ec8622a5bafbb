"""Money that comes from outside: invoices, the inbox, booking, refunds, reconciliation."""
