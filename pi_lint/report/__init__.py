"""What a report shows and how: filters, messages and output formats."""
