"""The parts of ``graphmem chat``: who answers, what a turn does, the commands, the screen."""
