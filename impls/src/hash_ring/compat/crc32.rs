//! CRC-32 as in Ethernet and zlib: the polynomial 0x04C11DB7, least significant bit first.

/// A checksum on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crc32(u32);

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut word, mut bit) = (byte as u32, 0);
        while bit < 8 {
            word = if word & 1 == 1 { word >> 1 ^ 0xEDB8_8320 } else { word >> 1 };
            bit += 1;
        }
        table[byte] = word;
        byte += 1;
    }
    table
}

impl Crc32 {
    /// The checksum of nothing.
    pub(super) const NEW: Self = Self(u32::MAX);

    /// The checksum with these bytes behind what was there.
    #[must_use]
    pub(super) fn with(self, bytes: &[u8]) -> Self {
        let step = |crc: u32, byte: &u8| TABLE[(crc as u8 ^ byte) as usize] ^ crc >> 8;
        Self(bytes.iter().fold(self.0, step))
    }

    /// The checksum so far.
    pub(super) fn value(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc32;

    #[test]
    fn the_check_value_is_the_published_one() {
        assert_eq!(Crc32::NEW.with(b"12345").with(b"6789").value(), 0xCBF4_3926);
        assert_eq!(Crc32::NEW.value(), 0);
    }
}
