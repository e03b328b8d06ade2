"""The tests' own process: started in the background, it may have been told to ignore the signals that tests send."""

import signal

for ignored, wanted in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL), (signal.SIGTERM, signal.SIG_DFL)):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, wanted)  # children inherit what is ignored
