"""The search index: what is in it, who may see it, and how it is asked."""
