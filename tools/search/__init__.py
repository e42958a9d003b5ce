"""How tools are found by words: what stands for a tool, how texts are compared, how it is all weighed."""
