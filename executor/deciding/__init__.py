"""Which waiting job goes to which instance: plain functions of plain values, asked once a round under the locks.

Who is looked at (`executor/looking.py`): everybody's first job of each lane and tool before anybody's second, and the oldest
of all; two hundred in a round.

Who is next (`line.py`): the lane, worth ten turns; the person with the fewest jobs at work, then the one served least
recently. Each minute in which a person's lane gets nothing counts as one turn, weights that are loaded count as two.

Where it can run (`executor/fitting.py`, `choosing.py`): where nodes, files and memory suffice; not where it failed while
there is another; an instance of unknown memory last.

Which idle one (`choosing.py`): the tool's first implementation, then the fewest bytes to load, then the conversation's last
instance. Whoever fits nowhere else makes an earlier one move over. Which busy one: one job ahead at the most, and not behind
a film while another able instance is through half a minute sooner.

What is loaded (`warmth.py`): what an instance was given, the oldest leaving when memory is full; nothing once it was away.

An example. `gpu1` has SDXL loaded and is idle, `gpu2` is idle and empty, `gpu3` renders a film for ten more minutes. In the
line are Ann's Flux job, for which only `gpu2` has the memory, Bob's SDXL job, and a second one of Ann's, SDXL too. Ann's Flux
goes to `gpu2`; Bob's job goes to `gpu1`, which loads nothing; Ann's second is held ready behind it, not behind the film.
Had Bob's job come alone, from a conversation that `gpu2` served last, it would still have gone to `gpu1`.
"""
