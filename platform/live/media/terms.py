"""The words that say why a room's sound and pictures travel as they do; screens put them into sentences."""

JANUS_ABSENT = "janus_absent"  # the media server is not installed or does not start
JANUS_GONE = "janus_gone"  # it ended in the middle of a lesson
JANUS_BACK = "janus_back"  # it is there again
MORE_SCREENS = "more_screens"  # more screens than browsers can send to each other
