//! Which serial ports there are, what is behind them, and who holds them (Linux: sysfs and procfs).
