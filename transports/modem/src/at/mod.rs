//! AT commands: one at a time, whole lines matched, answers told from what the modem says unasked.
