"""The context of an application, and what hangs on it."""
