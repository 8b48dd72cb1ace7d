//! The settings of one modem, checked once.
