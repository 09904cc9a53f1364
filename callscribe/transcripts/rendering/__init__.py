"""Transcripts for people and programs, one form a module."""
