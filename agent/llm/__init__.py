"""The planner that asks a language model: prompt, stream, parse, check, speak."""
