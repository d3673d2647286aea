//! What a worker stores besides its table: parents, levels, and what it sent lately.

use std::collections::VecDeque;

/// Fingerprints with those of their parents, in blocks of one size, so that growth copies nothing.
#[derive(Default)]
pub(super) struct Parents {
    blocks: Vec<Vec<(u64, u64)>>,
}

impl Parents {
    const BLOCK: usize = 1 << 12;

    pub(super) fn push(&mut self, fingerprint: u64, parent: u64) {
        if self.blocks.last().is_none_or(|block| block.len() == Self::BLOCK) {
            self.blocks.push(Vec::with_capacity(Self::BLOCK));
        }
        let block = self.blocks.last_mut().expect("a block was pushed if there was none");
        block.push((fingerprint, parent));
    }

    /// The entries, newest first: a parent comes after its children.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.blocks.iter().rev().flat_map(|block| block.iter().rev().copied())
    }
}

/// States with their fingerprints, first in, first out.
pub(super) struct Blocks<S>(VecDeque<Vec<(S, u64)>>);

impl<S> Default for Blocks<S> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<S> Blocks<S> {
    /// How many states are explored between two looks at what has arrived: enough to hide the
    /// cost of the look, few enough that what is on its way stays small.
    const BLOCK: usize = 1 << 9;

    pub(super) fn push(&mut self, state: S, fingerprint: u64) {
        if self.0.back().is_none_or(|block| block.len() == Self::BLOCK) {
            self.0.push_back(Vec::with_capacity(Self::BLOCK));
        }
        let block = self.0.back_mut().expect("a block was pushed if there was none");
        block.push((state, fingerprint));
    }

    pub(super) fn pop(&mut self) -> Option<Vec<(S, u64)>> {
        self.0.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The fingerprints that this worker sent lately, one for each slot: most duplicates are stopped
/// here, before they are sent.
pub(super) struct Recent {
    slots: Vec<u64>,
}

impl Recent {
    const SLOTS: usize = 1 << 14;

    pub(super) fn new() -> Self {
        Self { slots: vec![0; Self::SLOTS] }
    }

    /// Remembers a fingerprint; whether it was not remembered yet.
    #[inline]
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        let slot = (fingerprint >> 8) as usize % Self::SLOTS;
        std::mem::replace(&mut self.slots[slot], fingerprint) != fingerprint
    }
}
