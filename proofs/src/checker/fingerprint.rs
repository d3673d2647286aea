//! A 64-bit fingerprint of a state: the same in every run and on every worker.

use std::hash::{BuildHasherDefault, Hash, Hasher};

// The fractional parts of the square roots of 2, 3, 5 and 7: odd constants without a pattern.
const SEED: u64 = 0x6a09_e667_f3bc_c909;
const KEY: u64 = 0xbb67_ae85_84ca_a73b;
const FIRST: u64 = 0x3c6e_f372_fe94_f82b;
const LAST: u64 = 0xa54f_f53a_5f1d_36f1;
/// Marks a number that does not fit in 8 bits.
const ESCAPE: u64 = 0xff;

/// The fingerprint of a value. It is never 0, so that 0 can mark a free slot.
#[inline]
pub fn fingerprint<T: Hash>(value: &T) -> u64 {
    let mut hasher = Fingerprinter::new();
    value.hash(&mut hasher);
    hasher.finish().max(1)
}

/// Both halves of the product of two words: each bit of the result depends on all bits of both.
#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    (product as u64) ^ (product >> 64) as u64
}

/// A hasher without a key of the run: what is written fills a word of 64 bits, and a full word is
/// folded into the accumulator by one multiplication.
///
/// Numbers are taken by their value. `usize` and `isize`, which are lengths and the variants of
/// enums as a rule, are taken as 8 bits if they are below [`ESCAPE`], and after that mark as 64
/// bits, so that the result does not depend on the width of a pointer. (A slice of integers
/// reaches a hasher as its bytes in memory: such states have the same fingerprints on all
/// little-endian machines only.)
struct Fingerprinter {
    accumulator: u64,
    word: u64,
    bits: u32,
}

impl Fingerprinter {
    #[inline]
    fn new() -> Self {
        Self { accumulator: SEED, word: 0, bits: 0 }
    }

    #[inline]
    fn folded(&self) -> u64 {
        fold(self.word ^ self.accumulator, KEY)
    }

    #[inline]
    fn take(&mut self, value: u64, bits: u32) {
        if self.bits + bits > u64::BITS {
            self.accumulator = self.folded();
            (self.word, self.bits) = (value, bits);
        } else {
            self.word |= value << self.bits;
            self.bits += bits;
        }
    }

    /// Takes a number that is small as a rule.
    #[inline]
    fn take_small(&mut self, value: u64) {
        if value < ESCAPE {
            self.take(value, 8);
        } else {
            self.take(ESCAPE, 8);
            self.take(value, 64);
        }
    }
}

impl Hasher for Fingerprinter {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.take(u64::from_le_bytes(word.try_into().expect("the chunk has 8 bytes")), 64);
        }
        let rest = words.remainder();
        let at = |place: usize| u64::from(rest[place]) << (8 * place);
        let word = match *rest {
            [] => return,
            [a, b, c, d, ..] => {
                // Two words that overlap, and agree where they do.
                let last = rest.len() - 4;
                let start = u32::from_le_bytes([a, b, c, d]);
                let end = [rest[last], rest[last + 1], rest[last + 2], rest[last + 3]];
                u64::from(start) | u64::from(u32::from_le_bytes(end)) << (8 * last)
            }
            _ => at(0) | at(rest.len() / 2) | at(rest.len() - 1),
        };
        self.take(word, 8 * rest.len() as u32);
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.take(u64::from(value), 8);
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.take(u64::from(value), 16);
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.take(u64::from(value), 32);
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.take(value, 64);
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.take(value as u64, 64);
        self.take((value >> 64) as u64, 64);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.take_small(value as u64);
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.take_small(value as i64 as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // What is left of the word, and how much that is: a value that is the beginning of
        // another one differs from it. The second fold spreads the last word over all bits.
        fold(self.folded() ^ FIRST, u64::from(self.bits) ^ LAST)
    }
}

/// For maps from fingerprints, which need no hashing.
pub type ByFingerprint = BuildHasherDefault<Unhashed>;

/// Takes a fingerprint for its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unhashed(u64);

impl Hasher for Unhashed {
    fn write(&mut self, bytes: &[u8]) {
        // Fingerprints come by `write_u64`; anything else is folded in.
        bytes.iter().for_each(|&byte| self.0 = self.0.rotate_left(8) ^ u64::from(byte));
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::fingerprint;

    #[test]
    fn known_values_stay() {
        // Trace files and stored runs may hold fingerprints: another function would be another
        // format.
        let values = [
            fingerprint(&0u64),
            fingerprint(&1u8),
            fingerprint(&(1u32, 2u32)),
            fingerprint(&"two-phase commit"),
            fingerprint(&vec![Some(3u16), None]),
            fingerprint(&(u128::MAX, -1isize)),
        ];
        let known = [
            16903414818486450999,
            17422118614232331389,
            3187941941063095817,
            13186478097714162183,
            11597599205507038238,
            12574051352962226064,
        ];
        assert_eq!(values, known);
    }

    #[test]
    fn a_flipped_bit_flips_half_of_the_bits() {
        let mut flipped = [[0u32; 64]; 128];
        let rounds = 400u32;
        for round in 0..u128::from(rounds) {
            let value = round * 0x1_0000_0001_0000_0001;
            for (bit, counts) in flipped.iter_mut().enumerate() {
                let differs = fingerprint(&value) ^ fingerprint(&(value ^ 1 << bit));
                for (out, count) in counts.iter_mut().enumerate() {
                    *count += (differs >> out & 1) as u32;
                }
            }
        }
        for counts in flipped {
            for count in counts {
                // Seven standard deviations of a fair coin: 400 / 2 ± 7 * 10.
                assert!((130..=270).contains(&count), "{count} of {rounds} flips");
            }
        }
    }

    #[test]
    fn values_that_are_close_differ_in_each_half() {
        // Half of a fingerprint has 32 bits: 40,000 random values share one about 0.2 times. The
        // bits that pick the worker and those that pick the slot must both be good.
        let values: Vec<u64> =
            (0..200u32).flat_map(|a| (0..200u16).map(move |b| fingerprint(&(a, b)))).collect();
        for half in [0, 32] {
            let distinct: BTreeSet<_> = values.iter().map(|value| (value >> half) as u32).collect();
            assert!(distinct.len() + 4 >= values.len(), "{} of {}", distinct.len(), values.len());
        }
    }

    #[test]
    fn where_one_value_ends_is_part_of_it() {
        let set = |values: &[u8]| values.to_vec();
        let values = [
            fingerprint(&(set(&[1]), set(&[2]))),
            fingerprint(&(set(&[1, 2]), set(&[]))),
            fingerprint(&(set(&[]), set(&[1, 2]))),
            fingerprint(&("ab", "c")),
            fingerprint(&("a", "bc")),
            fingerprint(&[1u8, 0]),
            fingerprint(&[1u8]),
            fingerprint(&1u8),
            fingerprint(&1u16),
            fingerprint(&()),
        ];
        assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len());
    }
}
