"""Notices on their way out of the house: to people by e-mail and push, to other systems by signed webhooks.

A notice is written with what happened, in its transaction (cases/notices.py). From there on:

* `fan_out` reads new notices, each once and in the order of their ids, and makes deliveries of them, one for each
  receiver; who hears of many things in a short time gets a digest. Pushed ones wait for it a minute at most, roll calls
  and alarms of the fence not at all;
* `send_due` sends what is due. A worker takes a message for the time of a lease and commits that before it touches the
  network; if it dies, somebody sends the message again under the same id, by which the receiver drops the twin. What
  fails comes again, later and later, and is dead after `delivery.attempts_most`, until somebody sends it once more;
* right before it is sent a message loses what is no longer so: rungs of a deadline that has moved or of a case that has
  ended, and by push whatever has been done meanwhile (standing.py). Nobody has to think of withdrawing them.
"""

from cases.delivery.fanout import fan_out
from cases.delivery.sending import send_due
from cases.delivery.tail import Tailing

__all__ = ["Tailing", "fan_out", "send_due"]
