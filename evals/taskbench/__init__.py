"""TaskBench (Shen et al. 2024, arXiv 2311.18760): planning over a given inventory, measured as its authors do."""
