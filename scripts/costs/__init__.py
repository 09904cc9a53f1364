"""What calls cost in Azure: `python -m scripts.costs --calls 1000 --minutes 10`."""
