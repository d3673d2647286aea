//! Reference implementations of concurrent and distributed algorithms.
