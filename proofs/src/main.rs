//! The command `bisim`.
fn main() {}
