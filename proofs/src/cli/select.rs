//! From the words of a command line to entries of the registry and values of parameters.

use bisim_models::common::{Params, Preset};

use crate::registry::{Entry, entries};

/// Whether a folder's name means the whole folder even where a target has the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Folders {
    /// A target's name comes first (`check`).
    WhereNoTarget,
    /// The whole folder always (`bugs`, `conform`).
    Always,
}

/// The entries that the words name; `all` and no word at all name every entry.
///
/// # Errors
/// One line with the names that are valid, when a word names nothing.
pub(super) fn select(words: &[String], folders: Folders) -> Result<Vec<Entry>, String> {
    let all = entries();
    let mut chosen = vec![words.is_empty(); all.len()];
    for word in words {
        let target = all.iter().position(|entry| entry.name() == word);
        let folder = |entry: &Entry| entry.folder == word.replace('-', "_");
        let as_folder = all.iter().any(folder) && (folders == Folders::Always || target.is_none());
        for (chosen, entry) in chosen.iter_mut().zip(&all) {
            *chosen |= word == "all" || (as_folder && folder(entry));
        }
        match target {
            Some(index) => chosen[index] = true,
            None if word == "all" || as_folder => {}
            None => return Err(unknown(word, &all)),
        }
    }
    Ok(all.into_iter().zip(chosen).filter_map(|(entry, chosen)| chosen.then_some(entry)).collect())
}

/// The one entry of a name.
///
/// # Errors
/// One line with the names that are valid.
pub(super) fn one(name: &str) -> Result<Entry, String> {
    let all = entries();
    match all.iter().position(|entry| entry.name() == name) {
        Some(index) => Ok(all.into_iter().nth(index).expect("the position was just found")),
        None => Err(unknown(name, &all)),
    }
}

fn unknown(word: &str, all: &[Entry]) -> String {
    let names: Vec<_> = all.iter().map(Entry::name).collect();
    let mut folders: Vec<_> = all.iter().map(|entry| entry.folder.replace('_', "-")).collect();
    folders.dedup();
    folders.retain(|folder| !names.contains(&&**folder));
    let (names, folders) = (names.join(", "), folders.join(", "));
    format!("unknown target {word}: valid are all, {names}, and the folders {folders}")
}

/// Checks that a bug can be seeded in the model of an entry.
///
/// # Errors
/// One line with the bugs that can, and whether this one is in the implementation instead.
pub(super) fn bug(entry: &Entry, slug: Option<&str>) -> Result<(), String> {
    let Some(slug) = slug else { return Ok(()) };
    let known = entry.model.bugs();
    if known.contains(&slug) {
        return Ok(());
    }
    let name = entry.name();
    if entry.bugs.iter().any(|bug| bug.slug == slug) {
        return Err(format!("{slug} is a bug of the implementation: run `bisim bugs {name}`"));
    }
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(format!("unknown bug {slug}: bugs of the model {name}: {known}"))
}

/// The values of a preset, with those that `NAME=VALUE` words change.
///
/// # Errors
/// One line that names what is wrong, and what is valid.
pub(super) fn params(entry: &Entry, preset: Preset, set: &[String]) -> Result<Params, String> {
    let parameters = entry.model.parameters();
    let mut params = Params::preset(parameters, preset);
    for word in set {
        let Some((name, value)) = word.split_once('=') else {
            return Err(format!("--set {word}: write NAME=VALUE"));
        };
        if name.is_empty() {
            return Err(format!("--set {word}: write NAME=VALUE"));
        }
        let again = set.iter().filter(|word| word.split('=').next() == Some(name)).count() > 1;
        if again {
            return Err(format!("--set {word}: {name} is set twice"));
        }
        let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
            let names: Vec<_> = parameters.iter().map(|parameter| parameter.name).collect();
            let (target, names) = (entry.name(), names.join(", "));
            return Err(format!("--set {word}: {target} has no {name}; its parameters: {names}"));
        };
        let value = parameter.parse(value).map_err(|why| format!("--set {why}"))?;
        params = params.with(name, value);
    }
    Ok(params)
}

/// The values as words for `--set`.
pub(super) fn bounds(entry: &Entry, params: &Params) -> String {
    let parameters = entry.model.parameters().iter();
    let words = parameters.map(|p| format!("{}={}", p.name, p.format(params.get(p.name))));
    words.collect::<Vec<_>>().join(" ")
}
