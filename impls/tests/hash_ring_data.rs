//! The compatible rings against placements that others have computed. The nginx rows are from
//! cloudflare/pingora, `pingora-ketama/test-data` (Apache-2.0; the licence is beside the data).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bisim::hash_ring::compat::{Ketama, Nginx};

/// A row: a key, and the server that nginx sends it to.
#[derive(Debug, PartialEq)]
struct Row<'a> {
    line: usize,
    uri: &'a str,
    server: &'a str,
}

/// Reads rows `uri,server`. A URI may hold commas, a server cannot.
fn rows(text: &str) -> Result<Vec<Row<'_>>, String> {
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.is_empty());
    let rows = lines.map(|(line, text)| match text.rsplit_once(',') {
        Some((uri, server)) if !server.is_empty() => Ok(Row { line, uri, server }),
        _ => Err(format!("line {line}: {text} is not uri,server")),
    });
    rows.collect()
}

/// The number and the weight of the servers, from the end of a file's name: `9x100`.
fn shape(name: &str) -> Option<(usize, u32)> {
    let (servers, weight) = name.rsplit_once('-')?.1.split_once('x')?;
    Some((servers.parse().ok()?, weight.parse().ok()?))
}

/// Every file of rows in the folder, each with the servers that its rows name.
#[test]
fn every_row_of_nginx_is_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hash-ring");
    let mut files = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (servers, weight) = shape(name).unwrap_or_else(|| panic!("{name}: not so many x that"));
        let text = fs::read_to_string(&path).unwrap();
        let rows = rows(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let named: BTreeSet<_> = rows.iter().map(|row| row.server).collect();
        assert_eq!(named.len(), servers, "{name} names all of its servers");
        let ring = Nginx::new(named.into_iter().map(|server| (server, weight)));
        for Row { line, uri, server } in &rows {
            assert_eq!(ring.node(uri), Some(server), "{name}, line {line}: {uri}");
        }
        // The rows tell apart a ring with one unit of weight less.
        let named = rows.iter().map(|row| row.server).collect::<BTreeSet<_>>();
        let lighter = Nginx::new(named.into_iter().map(|server| (server, weight - 1)));
        assert!(rows.iter().any(|row| lighter.node(row.uri) != Some(&row.server)));
        files += 1;
    }
    assert!(files > 0, "there is a file of rows");
}

#[test]
fn damaged_rows_are_refused_with_their_line() {
    assert_eq!(rows("/a,b,host:1\n"), Ok(vec![Row { line: 1, uri: "/a,b", server: "host:1" }]));
    assert_eq!(rows("/a,h:1\n\n/b"), Err("line 3: /b is not uri,server".to_owned()));
    assert_eq!(rows("/a,"), Err("line 1: /a, is not uri,server".to_owned()));
    assert_eq!(shape("nginx-hash-consistent-9x100"), Some((9, 100)));
    assert_eq!(shape("nginx"), None);
}

/// Points and owners that follow from the rule, computed in another language with its own MD5.
#[test]
fn points_of_libketama_are_words_of_digests() {
    let ring = Ketama::new((1..=8).map(|server| (format!("10.0.1.{server}:11211"), 600)));
    assert_eq!(ring.points().len(), 8 * 160);
    for (server, point) in KETAMA {
        let found = ring.points().find(|(found, _)| found == point);
        assert_eq!(found.map(|(_, server)| server.as_str()), Some(*server), "{point:#x}");
    }
    for (key, server) in KEYS {
        assert_eq!(ring.node(key).map(String::as_str), Some(*server), "{key}");
    }
}

/// Server and point: the four words of the digests of `10.0.1.1:11211-0` and `10.0.1.8:11211-39`.
const KETAMA: &[(&str, u32)] = &[
    ("10.0.1.1:11211", 0x90ed8713),
    ("10.0.1.1:11211", 0xf5ce3b03),
    ("10.0.1.1:11211", 0x060386a6),
    ("10.0.1.1:11211", 0xa22b367d),
    ("10.0.1.8:11211", 0x248362c9),
    ("10.0.1.8:11211", 0x58c561b3),
    ("10.0.1.8:11211", 0x236f9fec),
    ("10.0.1.8:11211", 0x03b5bc5b),
];

/// Key and server.
const KEYS: &[(&str, &str)] = &[
    ("foo", "10.0.1.2:11211"),
    ("bar", "10.0.1.6:11211"),
    ("", "10.0.1.4:11211"),
    ("test-key-1", "10.0.1.7:11211"),
    ("session:42", "10.0.1.1:11211"),
    ("/index.html", "10.0.1.5:11211"),
    ("Ω", "10.0.1.3:11211"),
    // Behind the last point.
    ("wrap13350", "10.0.1.5:11211"),
];
