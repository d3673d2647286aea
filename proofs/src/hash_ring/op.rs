//! What is asked of a ring and its model.

use serde::{Deserialize, Serialize};

/// What is asked of the ring and of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// The node is a member with this weight, 0 to 3, from now on.
    Set {
        /// The node.
        node: u8,
        /// Its weight.
        weight: u8,
    },
    /// The node is no member.
    Remove {
        /// The node.
        node: u8,
    },
    /// The owner of a key is looked up.
    LookUp {
        /// The key's bytes as a number.
        key: u16,
    },
    /// The nodes that follow a key are looked up.
    Preference {
        /// The key's bytes as a number.
        key: u16,
    },
    /// The ring is replaced by one that another process has built of the same members.
    Elsewhere,
    /// Many keys are looked up, and counted.
    Measure,
}
