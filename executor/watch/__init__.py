"""What an operator is shown and told: figures, alerts, and what was counted."""
