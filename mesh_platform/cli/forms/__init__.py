"""What commands tell, in every form: words, JSON, annotations of GitHub, SARIF, Markdown."""
