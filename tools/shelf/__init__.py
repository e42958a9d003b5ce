"""What belongs to a person beside the catalogue: their spells and their workflows, every version sealed."""
