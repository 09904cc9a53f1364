"""Table and Queue Storage: with cloud/, the only code that knows the SDKs."""
