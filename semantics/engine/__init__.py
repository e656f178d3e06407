"""The run: source, compiled plan, validation and sink put together; rejects, ledger and report."""
