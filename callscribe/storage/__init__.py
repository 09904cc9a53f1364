"""The only code that knows the SDKs. Each adapter keeps the promise of one port."""
