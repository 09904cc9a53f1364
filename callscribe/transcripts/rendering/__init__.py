"""Transcripts for people and programs: one form per module, none of it decides anything."""
