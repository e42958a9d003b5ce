"""LoRAs: small weights that change how a model draws, called by words or by a tag, loaded into any graph of their family."""
