"""Of the package bot."""
