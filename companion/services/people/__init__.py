"""People beyond their page: added by hand, corrected, united, checked, handed out and erased."""
