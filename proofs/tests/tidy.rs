//! What can be kept mechanically: sizes, names, walls between crates, tables that tell the truth.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bisim_models::common::Preset;
use bisim_proofs::cli::Baseline;
use bisim_proofs::registry::entries;

/// The longest line, in characters.
const LINE: usize = 100;
/// The longest file, in lines, without its tests.
const FILE: usize = 300;
/// Files that are longer, each with the reason a reader would accept.
const LONG: &[(&str, &str)] = &[
    ("impls/src/channel/select.rs", "a third is the page of `select`, with its examples"),
    ("impls/src/channel/tests.rs", "nothing but tests"),
    ("impls/src/lock/raw_rw_lock.rs", "one word and everything that is done to it"),
    ("impls/src/sync/explored.rs", "each operation of each atomic, in turn"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package has a parent").to_owned()
}

/// The files below a folder whose names end so, as paths from the root.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(&folder).expect("the folder can be read") {
            let path = item.expect("the item can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
            if path.is_dir() && name != "target" && !name.starts_with('.') && name != "out" {
                folders.push(path);
            } else if name.ends_with(ending) {
                let path = path.strip_prefix(root()).expect("it is below the root");
                found.push(path.to_str().expect("paths are UTF-8").to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "there are {ending} files in {folder}");
    found
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn sources() -> Vec<String> {
    ["models", "impls", "proofs", "benches"]
        .iter()
        .flat_map(|crate_| files(crate_, ".rs"))
        .collect()
}

#[test]
fn files_and_lines_are_short() {
    for path in sources() {
        let text = text(&path);
        for (number, line) in text.lines().enumerate() {
            assert!(line.chars().count() <= LINE, "{path}:{}: over {LINE} columns", number + 1);
        }
        let code = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        let excused = LONG.iter().any(|(long, _)| *long == path) || path.contains("/tests/");
        assert!(code <= FILE || excused, "{path}: {code} lines without tests, over {FILE}");
    }
}

#[test]
fn every_module_says_what_it_is() {
    for path in sources() {
        let text = text(&path);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//!") || first.starts_with("#![doc"), "{path}: no header");
    }
}

#[test]
fn models_and_implementations_do_not_see_each_other() {
    for path in files("models/src", ".rs") {
        let text = text(&path);
        assert!(!text.contains("bisim::") && !text.contains("bisim_proofs"), "{path}");
    }
    for path in files("impls/src", ".rs") {
        let text = text(&path);
        assert!(!text.contains("bisim_models") && !text.contains("bisim_proofs"), "{path}");
        assert!(!text.contains("stateright"), "{path}");
    }
    assert!(!text("models/Cargo.toml").contains("\nbisim"));
    assert!(!text("impls/Cargo.toml").contains("\nbisim-"));
}

#[test]
fn protocol_cores_touch_no_clock_randomness_or_io() {
    let mut cores = files("impls/src/paxos", ".rs");
    cores.extend(files("impls/src/raft", ".rs"));
    cores.extend(["protocol", "session", "state_machine"].map(|m| format!("impls/src/{m}.rs")));
    let is_test = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/");
    for path in cores.iter().filter(|path| !is_test(path)) {
        for line in text(path).lines().take_while(|line| *line != "#[cfg(test)]") {
            let code = line.split("//").next().unwrap_or_default();
            for word in ["std::", "Instant", "SystemTime", "rand", "HashMap", "HashSet", "println"]
            {
                assert!(!code.contains(word), "{path} uses {word}: {line}");
            }
        }
    }
}

#[test]
fn states_hold_no_hash_sets() {
    for path in files("models/src", ".rs") {
        let text = text(&path);
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(!line.contains("HashMap") && !line.contains("HashSet"), "{path}: {line}");
        }
    }
}

#[test]
fn unsafe_code_is_where_shared_memory_is() {
    for path in sources() {
        let text = text(&path);
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = code.filter(|line| line.contains("unsafe ") || line.contains("unsafe{"));
        // An allocator that counts is an unsafe trait's affair, and no part of what is shipped.
        let counts = path == "benches/consensus/allocations.rs";
        let allowed = path.starts_with("impls/src/lock/") || path.contains("/tests/") || counts;
        assert!(allowed || found.count() == 0, "{path}: unsafe code outside impls/src/lock");
    }
    for crate_ in ["models", "proofs"] {
        assert!(text(&format!("{crate_}/src/lib.rs")).contains("#![forbid(unsafe_code)]"));
    }
}

/// The cells of the tables below a heading, row by row.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let below = text.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
    let section = below.take_while(|line| !line.starts_with('#'));
    let rows = section.filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// What stands in backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn mapping_tables_name_things_that_exist() {
    let code: String = sources().iter().map(|path| text(path)).collect();
    let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let identifiers: BTreeSet<_> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    // A property or a test of several words stands in the code as a string.
    let exists = |part: &str| match part.contains([' ', '/', '-', '.']) {
        true => code.contains(part) || root().join(part).exists(),
        false => identifiers.contains(part),
    };
    let mut checked = 0;
    for folder in ["models/src", "impls/src"] {
        for path in files(folder, "README.md") {
            let rows = table(&text(&path), "## Mapping");
            if rows.is_empty() {
                continue;
            }
            let width = rows[0].len();
            for row in &rows[1..] {
                assert_eq!(row.len(), width, "{path}: {row:?} has not {width} cells");
                for name in row[1..].iter().flat_map(|cell| names(cell)) {
                    // `Type::function` names both; what is called is named without arguments.
                    for part in name.trim_end_matches("()").split("::") {
                        assert!(exists(part), "{path}: there is no {part} ({name})");
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 20, "the mapping tables name {checked} things");
}

#[test]
fn every_entry_is_whole() {
    let mut slugs = BTreeSet::new();
    let mut targets = BTreeSet::new();
    for entry in entries() {
        assert!(targets.insert(entry.name()), "{} is registered twice", entry.name());
        assert!(!entry.papers.is_empty(), "{} follows no paper", entry.name());
        for file in entry.files {
            assert!(root().join(file).is_file(), "{}: there is no {file}", entry.name());
        }
        for law in entry.model.laws() {
            assert!(!law.source.is_empty(), "{}: {} has no source", entry.name(), law.name);
        }
        for class in entry.model.actions() {
            assert!(!class.source.is_empty(), "{}: {} has no source", entry.name(), class.name);
        }
        for bug in &entry.bugs {
            assert!(slugs.insert(bug.slug), "{} is registered twice", bug.slug);
            assert!(bug.slug.starts_with(&format!("{}/", entry.folder)), "{}", bug.slug);
            assert!(!bug.source.is_empty(), "{} has no source", bug.slug);
            let decided = !bug.hunts.is_empty() || !bug.reason.is_empty();
            assert!(decided, "{} has neither a hunt nor a reason", bug.slug);
        }
        for slug in entry.model.bugs() {
            assert!(entry.bugs.iter().any(|bug| bug.slug == slug), "{slug} is not in the matrix");
        }
    }
}

#[test]
fn every_target_has_its_baseline() {
    for entry in entries() {
        let baseline = Baseline::read(entry.name()).expect("baselines can be read");
        let baseline = baseline.unwrap_or_else(|| panic!("{} has no baseline", entry.name()));
        for preset in [Preset::Quick, Preset::Standard] {
            let known = baseline.known(preset);
            assert!(known.is_some(), "{}: no baseline at {}", entry.name(), preset.name());
        }
    }
    let names: BTreeSet<_> = entries().iter().map(|entry| entry.name().to_owned()).collect();
    for path in files("proofs/baselines", ".toml") {
        let name = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).expect("UTF-8");
        assert!(names.contains(name), "{path} is the baseline of no target");
    }
}

/// The table of the README as it should be.
fn expected_table() -> String {
    let mut lines = vec![
        "| algorithm | model (states) | implementation | evidence | bugs caught | bench |"
            .to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for entry in entries() {
        let baseline = Baseline::read(entry.name()).ok().flatten().expect("checked elsewhere");
        let states = baseline.known(Preset::Standard).expect("checked elsewhere").distinct;
        let file = |prefix: &str| entry.files.iter().find(|file| file.starts_with(prefix));
        let model = file("models/").expect("every target has a model");
        let implementation = match (file("impls/"), &entry.conformance) {
            (Some(file), Some(_)) => format!("[{}]({file})", entry.name()),
            _ => "–".to_owned(),
        };
        let evidence = entry.evidence().into_iter().map(|evidence| evidence.to_string());
        let caught = entry.bugs.iter().filter(|bug| !bug.hunts.is_empty()).count();
        let bench = match file("benches/") {
            Some(file) => format!("[{}]({file})", file.trim_start_matches("benches/")),
            None => "–".to_owned(),
        };
        let bugs = match entry.bugs.len() {
            0 => "–".to_owned(),
            all => format!("{caught} of {all}"),
        };
        lines.push(format!(
            "| {} | [{states}]({model}) | {implementation} | {} | {bugs} | {bench} |",
            entry.name(),
            evidence.collect::<Vec<_>>().join(", "),
        ));
    }
    lines.join("\n")
}

#[test]
fn the_table_of_the_readme_is_the_registry() {
    let readme = text("README.md");
    let expected = expected_table();
    assert!(readme.contains(&expected), "the table in README.md should be\n{expected}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = files(".", ".md");
    pages.retain(|path| !path.starts_with("target/"));
    for page in pages {
        let folder = root().join(&page).parent().expect("a file has a folder").to_owned();
        for link in text(&page).split("](").skip(1) {
            let link = link.split(')').next().unwrap_or_default();
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !link.starts_with("http") {
                assert!(folder.join(file).exists(), "{page}: {link} leads nowhere");
            }
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = text("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]").nth(1).expect("the table exists");
    let section = section.split("\n[").next().expect("it ends");
    let architecture = text("ARCHITECTURE.md");
    for line in section.lines().filter(|line| line.contains('=')) {
        let name = line.split(['=', ' ']).next().expect("a line has a first word");
        assert!(
            architecture.contains(&format!("`{name}`")),
            "ARCHITECTURE.md gives no reason for {name}"
        );
    }
}
