//! The ring of nginx's `hash KEY consistent`.

use alloc::vec::Vec;

use super::continuum::Continuum;
use super::crc32::Crc32;

/// The ring that nginx makes of an `upstream` block with `hash KEY consistent`: 160 points for
/// each unit of a server's weight, each a CRC-32 of host, port and the point before it.
///
/// A server's name is what its `server` line says: `10.0.0.1:443`, `backend`, `unix:/socket`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nginx<N> {
    servers: Vec<N>,
    continuum: Continuum,
}

impl<N: AsRef<str>> Nginx<N> {
    /// The points for each unit of weight.
    pub const POINTS: u64 = 160;

    /// The ring of these servers with their weights, in the order of the configuration.
    pub fn new(servers: impl IntoIterator<Item = (N, u32)>) -> Self {
        let (servers, weights): (Vec<_>, Vec<_>) = servers.into_iter().unzip();
        let mut points = Vec::new();
        for (server, (name, weight)) in servers.iter().zip(weights).enumerate() {
            let (host, port) = host_and_port(name.as_ref());
            let base = Crc32::NEW.with(host.as_bytes()).with(&[0]).with(port.as_bytes());
            let mut point: u32 = 0;
            for _ in 0..u64::from(weight) * Self::POINTS {
                point = base.with(&point.to_le_bytes()).value();
                points.push((point, server));
            }
        }
        let mut continuum = Continuum::of(points);
        // Of equal points nginx keeps one.
        continuum.points.dedup_by_key(|(point, _)| *point);
        Self { servers, continuum }
    }

    /// The server of a key; `None` if none has points.
    pub fn node(&self, key: impl AsRef<[u8]>) -> Option<&N> {
        let hash = Crc32::NEW.with(key.as_ref()).value();
        self.continuum.server(hash).map(|server| &self.servers[server])
    }

    /// The points in the order of the ring, each with its server.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (u32, &N)> {
        self.continuum.points.iter().map(|&(point, server)| (point, &self.servers[server]))
    }
}

/// The two parts of a name that are hashed: the port is the digits behind the last colon. What
/// begins with `unix:`, in any case, is a path without a port.
fn host_and_port(name: &str) -> (&str, &str) {
    if let Some((scheme, path)) = name.split_at_checked(5)
        && scheme.eq_ignore_ascii_case("unix:")
    {
        return (path, "");
    }
    match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::{Nginx, host_and_port};

    #[test]
    fn names_are_split_as_nginx_splits_them() {
        let cases = [
            ("10.0.0.1:443", ("10.0.0.1", "443")),
            ("backend", ("backend", "")),
            ("[::1]:80", ("[::1]", "80")),
            ("[::1]", ("[::1]", "")),
            ("host:", ("host", "")),
            ("host:80x", ("host:80x", "")),
            ("unix:/run/a:80", ("/run/a:80", "")),
            ("UNIX:a", ("a", "")),
            ("é:1", ("é", "1")),
            ("", ("", "")),
        ];
        for (name, expected) in cases {
            assert_eq!(host_and_port(name), expected, "{name}");
        }
    }

    #[test]
    fn equal_points_are_there_once() {
        let ring = Nginx::new([("a:1", 1), ("a:1", 2), ("b:1", 0)]);
        assert_eq!(ring.points().len(), 320);
        assert!(ring.points().is_sorted_by(|(one, _), (other, _)| one < other));
        assert_eq!(Nginx::<&str>::new([]).node("key"), None);
        assert_eq!(Nginx::new([("b:1", 0)]).node("key"), None);
    }
}
