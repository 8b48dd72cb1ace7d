//! The sink in C of `examples/plugins/sink-in-c`.
