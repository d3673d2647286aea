//! The set of fingerprints that a worker has seen.

use std::hint::black_box;

/// A set of non-zero words: open addressing with linear probing, 8 bytes a slot.
///
/// A word's home is given by its high bits, so that the words lie almost sorted and growth is one
/// pass over both tables from front to back.
pub(super) struct Table {
    slots: Vec<u64>,
    /// The home of a word is `word >> shift`.
    shift: u32,
    len: usize,
}

impl Table {
    const FIRST_CAPACITY: usize = 1 << 10;

    /// An empty set.
    pub(super) fn new() -> Self {
        Self::with_capacity(Self::FIRST_CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        debug_assert!(capacity.is_power_of_two() && capacity > 1);
        Self { slots: vec![0; capacity], shift: u64::BITS - capacity.trailing_zeros(), len: 0 }
    }

    /// Inserts a word; whether it was new.
    #[inline]
    pub(super) fn insert(&mut self, word: u64) -> bool {
        debug_assert!(word != 0, "0 marks a free slot");
        let slot = self.find(word);
        if self.slots[slot] == word {
            return false;
        }
        self.slots[slot] = word;
        self.len += 1;
        if self.len > self.slots.len() / 8 * 5 {
            self.grow();
        }
        true
    }

    /// Whether the word is in the set.
    pub(super) fn contains(&self, word: u64) -> bool {
        self.slots[self.find(word)] == word
    }

    /// Loads the homes of the words. The loads do not wait for each other, as those of a series
    /// of insertions would, and the insertions that follow find their slots in the cache.
    #[inline]
    pub(super) fn touch(&self, words: impl Iterator<Item = u64>) {
        black_box(words.fold(0, |sum, word| sum ^ self.slots[(word >> self.shift) as usize]));
    }

    /// The slot that holds the word, or the free one where it belongs.
    #[inline]
    fn find(&self, word: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (word >> self.shift) as usize;
        while self.slots[slot] != 0 && self.slots[slot] != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    #[cold]
    fn grow(&mut self) {
        let mut larger = Self::with_capacity(self.slots.len() * 2);
        for &word in self.slots.iter().filter(|&&word| word != 0) {
            let slot = larger.find(word);
            larger.slots[slot] = word;
        }
        larger.len = self.len;
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Table;

    proptest! {
        #[test]
        fn a_table_is_a_set(words in prop::collection::vec(
            prop_oneof![1..50u64, (1..50u64).prop_map(|n| n << 55), u64::MAX - 50..], 0..5000
        )) {
            let mut table = Table::new();
            let mut set = BTreeSet::new();
            for word in words {
                prop_assert_eq!(table.contains(word), set.contains(&word));
                table.touch([word].into_iter());
                prop_assert_eq!(table.insert(word), set.insert(word));
            }
            prop_assert!(set.iter().all(|&word| table.contains(word)));
            prop_assert_eq!(table.len, set.len());
        }
    }

    #[test]
    fn nothing_is_lost_in_growth() {
        let words = || (1..100_000u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut table = Table::new();
        assert!(words().all(|word| table.insert(word)));
        assert!(words().all(|word| !table.insert(word)));
        assert_eq!(table.len, 99_999);
    }
}
