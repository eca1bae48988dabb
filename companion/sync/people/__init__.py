"""The people behind records: their accounts, who of them are one, and who must be forgotten."""
