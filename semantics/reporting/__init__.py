"""Forms that other programs read findings and results in, whatever these are about: SARIF, JUnit XML, HTML."""
