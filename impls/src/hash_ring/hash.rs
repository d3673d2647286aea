//! The hash of names and keys: the same in every process, on every machine.

use alloc::vec::Vec;
use core::ops::Range;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// A hash of names and keys to the 64-bit circle.
///
/// Two processes that should agree must use the same function with the same seed: the standard
/// library's hashers, which are seeded at random, are not for a ring.
pub trait RingHash: Clone {
    /// The place of these bytes on the circle.
    fn hash(&self, bytes: &[u8]) -> u64;
}

/// The places of a node's virtual nodes with these numbers: the hashes of the name followed by the
/// number as four little-endian bytes.
pub fn places<H: RingHash>(
    hash: &H,
    name: &[u8],
    replicas: Range<u32>,
) -> impl ExactSizeIterator<Item = u64> {
    let mut bytes: Vec<u8> = [name, &[0; 4]].concat();
    replicas.map(move |replica| {
        bytes[name.len()..].copy_from_slice(&replica.to_le_bytes());
        hash.hash(&bytes)
    })
}

/// wyhash, final version 4 (Wang Yi), with its default secret: the default.
///
/// It is quick and well distributed, and it is no cryptographic hash: where keys are chosen by
/// somebody who may want them all on one node, the seed must be a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct WyHash {
    #[cfg_attr(feature = "serde", serde(rename = "wyhash_seed"))]
    seed: u64,
}

const SECRET: [u64; 4] =
    [0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9, 0x4b33_a62e_d433_d4a3, 0x4d5a_2da5_1de1_aa47];

impl WyHash {
    /// The hash with this seed; the default is 0.
    pub const fn seeded(seed: u64) -> Self {
        Self { seed }
    }
}

impl RingHash for WyHash {
    #[inline]
    fn hash(&self, bytes: &[u8]) -> u64 {
        let seed = self.seed ^ fold(self.seed ^ SECRET[0], SECRET[1]);
        let len = bytes.len();
        let (a, b, seed) = match len {
            0 => (0, 0, seed),
            1..=3 => {
                let [first, middle, last] = [bytes[0], bytes[len / 2], bytes[len - 1]];
                (u64::from(first) << 16 | u64::from(middle) << 8 | u64::from(last), 0, seed)
            }
            4..=16 => {
                let inner = len / 8 * 4;
                let a = read4(bytes, 0) << 32 | read4(bytes, inner);
                (a, read4(bytes, len - 4) << 32 | read4(bytes, len - 4 - inner), seed)
            }
            _ => (read8(bytes, len - 16), read8(bytes, len - 8), long(bytes, seed)),
        };
        let product = u128::from(a ^ SECRET[1]) * u128::from(b ^ seed);
        let (low, high) = (product as u64, (product >> 64) as u64);
        fold(low ^ SECRET[0] ^ len as u64, high ^ SECRET[1])
    }
}

/// The state after all blocks of 16 bytes but the last, which may overlap the one before it.
#[inline]
fn long(bytes: &[u8], mut seed: u64) -> u64 {
    let mut rest = bytes;
    if rest.len() >= 48 {
        let (mut second, mut third) = (seed, seed);
        while rest.len() >= 48 {
            seed = fold(read8(rest, 0) ^ SECRET[1], read8(rest, 8) ^ seed);
            second = fold(read8(rest, 16) ^ SECRET[2], read8(rest, 24) ^ second);
            third = fold(read8(rest, 32) ^ SECRET[3], read8(rest, 40) ^ third);
            rest = &rest[48..];
        }
        seed ^= second ^ third;
    }
    while rest.len() > 16 {
        seed = fold(read8(rest, 0) ^ SECRET[1], read8(rest, 8) ^ seed);
        rest = &rest[16..];
    }
    seed
}

/// The two halves of the product, one upon the other.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn read8(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*bytes[at..].first_chunk().expect("the caller knows the length"))
}

#[inline]
fn read4(bytes: &[u8], at: usize) -> u64 {
    u32::from_le_bytes(*bytes[at..].first_chunk().expect("the caller knows the length")).into()
}

/// A bijection of 64-bit words that mixes well: the finalizer of SplitMix64 (Steele, Lea, Flood,
/// *Fast Splittable Pseudorandom Number Generators*, 2014).
#[inline]
pub(super) fn mix(word: u64) -> u64 {
    let word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}

#[cfg(test)]
mod tests {
    use super::{RingHash, WyHash};

    /// The vectors that are published with wyhash final 4.2.
    #[test]
    fn hashes_are_those_published_for_wyhash() {
        let digits = "1234567890".repeat(8);
        let vectors = [
            ("", 0x9322_8a4d_e0ee_c5a2),
            ("a", 0xc5ba_c3db_1787_13c4),
            ("abc", 0xa97f_2f7b_1d9b_3314),
            ("message digest", 0x786d_1f1d_f380_1df4),
            ("abcdefghijklmnopqrstuvwxyz", 0xdca5_a813_8ad3_7c87),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                0xb9e7_34f1_17cf_af70,
            ),
            (&digits, 0x6cc5_eab4_9a92_d617),
        ];
        for (seed, (text, expected)) in (0..).zip(vectors) {
            assert_eq!(WyHash::seeded(seed).hash(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn every_length_and_every_byte_counts() {
        let bytes = [7; 200];
        let mut seen = std::collections::BTreeSet::new();
        for len in 0..=200 {
            assert!(seen.insert(WyHash::default().hash(&bytes[..len])), "length {len}");
            for at in 0..len {
                let mut other = bytes;
                other[at] ^= 1;
                assert!(seen.insert(WyHash::default().hash(&other[..len])), "byte {at} of {len}");
            }
        }
    }
}
