"""Tests of what becomes of workflows that people bring."""
