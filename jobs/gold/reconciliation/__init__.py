"""How the ledger's cards and the register's units are matched and judged."""
