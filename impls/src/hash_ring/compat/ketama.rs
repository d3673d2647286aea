//! The ring of libketama, which memcached's clients share their servers out with.

use alloc::format;
use alloc::vec::Vec;

use super::continuum::Continuum;
use super::md5::md5;

/// The ring of libketama (Richard Jones, Last.fm, 2007): points are the words of
/// `md5("name-k")`, four a digest, for 40 digests of a server of average weight.
///
/// A server's name is its address with its port, `10.0.1.1:11211`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ketama<N> {
    servers: Vec<N>,
    continuum: Continuum,
}

impl<N: AsRef<str>> Ketama<N> {
    /// The ring of these servers with their weights, in the order of the configuration.
    pub fn new(servers: impl IntoIterator<Item = (N, u32)>) -> Self {
        let (servers, weights): (Vec<_>, Vec<_>) = servers.into_iter().unzip();
        let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        let mut points = Vec::new();
        for (server, (name, weight)) in servers.iter().zip(weights).enumerate() {
            for digest in 0..digests(weight, total, servers.len()) {
                let words = md5(format!("{}-{digest}", name.as_ref()).as_bytes());
                points.extend(words.map(|word| (word, server)));
            }
        }
        Self { servers, continuum: Continuum::of(points) }
    }

    /// The server of a key; `None` if none has points.
    pub fn node(&self, key: impl AsRef<[u8]>) -> Option<&N> {
        let [hash, ..] = md5(key.as_ref());
        self.continuum.server(hash).map(|server| &self.servers[server])
    }

    /// The points in the order of the ring, each with its server.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (u32, &N)> {
        self.continuum.points.iter().map(|&(point, server)| (point, &self.servers[server]))
    }
}

/// The digests of a server: 40 on average. libketama computes in floats, in this order, so that
/// each of 61 servers of one weight has 39.
fn digests(weight: u32, total: u64, servers: usize) -> u32 {
    let share = weight as f32 / total as f32;
    // The conversion is the `floorf`; without any weight it makes 0 of what is not a number.
    (f64::from(share) * 40.0 * f64::from(servers as f32)) as f32 as u32
}

#[cfg(test)]
mod tests {
    use super::super::md5::md5;
    use super::{Ketama, digests};

    /// The figures are those of the same expression in C.
    #[test]
    fn digests_are_counted_in_floats() {
        for servers in 1..=200 {
            let expected = if [61, 122].contains(&servers) { 39 } else { 40 };
            assert_eq!(digests(600, servers as u64 * 600, servers), expected, "{servers} servers");
        }
        let others = [(1, 4, 2, 20), (3, 4, 2, 60), (600, 3500, 8, 54), (7, 100, 13, 36)];
        for (weight, total, servers, expected) in others {
            assert_eq!(digests(weight, total, servers), expected);
        }
        assert_eq!(digests(0, 0, 1), 0);
    }

    #[test]
    fn points_are_the_words_of_the_digests() {
        let ring = Ketama::new([("10.0.1.1:11211", 600), ("10.0.1.2:11211", 600)]);
        assert_eq!(ring.points().len(), 2 * 160);
        assert!(ring.points().map(|(point, _)| point).is_sorted());
        for word in md5(b"10.0.1.2:11211-39") {
            assert!(ring.points().any(|point| point == (word, &"10.0.1.2:11211")));
        }
    }

    #[test]
    fn a_key_goes_to_the_first_point_at_or_after_its_first_word() {
        let ring = Ketama::new([("a:1", 1), ("b:1", 1), ("c:1", 2)]);
        for key in 0..2000 {
            let key = format!("key{key}");
            let [hash, ..] = md5(key.as_bytes());
            let at_or_after = ring.points().find(|(point, _)| *point >= hash);
            let expected = at_or_after.or(ring.points().next()).map(|(_, server)| server);
            assert_eq!(ring.node(&key), expected);
        }
        assert_eq!(Ketama::<&str>::new([]).node("key"), None);
        assert_eq!(Ketama::new([("a:1", 0)]).node("key"), None);
    }
}
