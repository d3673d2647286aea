//! Jump consistent hash: buckets with numbers instead of nodes with names.

/// The bucket of a key among `buckets` (Lamping and Veach, *A Fast, Minimal Memory, Consistent
/// Hash Algorithm*, 2014, figure 1); `None` if there is no bucket. The key should be a hash.
///
/// No memory is needed, and the buckets are shared out evenly. From `n` to `n + 1` buckets, keys
/// move only to the new one. The buckets are 0 to `buckets - 1` and only the last one can be
/// taken away: whoever removes another one, and numbers the rest anew, moves nearly every key.
pub fn jump_hash(key: u64, buckets: u32) -> Option<u32> {
    let mut state = key;
    let (mut bucket, mut next) = (None, 0);
    while next < u64::from(buckets) {
        bucket = Some(next as u32);
        state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        // The paper's own arithmetic, in which a double is part of the definition.
        let draw = (1_u64 << 31) as f64 / ((state >> 33) + 1) as f64;
        next = ((next + 1) as f64 * draw) as u64;
    }
    bucket
}

#[cfg(test)]
mod tests {
    use super::jump_hash;

    #[test]
    fn buckets_are_those_that_others_compute() {
        let vectors =
            [(1, 1, 0), (42, 57, 43), (0xDEAD_10CC, 666, 361), (256, 1024, 520), (10, 100, 73)];
        for (key, buckets, expected) in vectors {
            assert_eq!(jump_hash(key, buckets), Some(expected), "key {key}");
        }
        assert_eq!(jump_hash(7, 0), None);
        assert!(jump_hash(u64::MAX, u32::MAX).is_some());
    }

    /// Theorem of section 2: a key moves to the new bucket or stays.
    #[test]
    fn keys_move_only_to_the_new_bucket() {
        for key in (0..1000).map(|i| 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(i)) {
            let mut before = 0;
            for buckets in 2..200 {
                let now = jump_hash(key, buckets).expect("there are buckets");
                assert!(now == before || now == buckets - 1, "key {key} of {buckets}");
                before = now;
            }
        }
    }
}
