//! `bisim list`.

use bisim_models::common::{Kind, Preset};
use serde_json::{Value, json};

use super::args::ListArgs;
use super::exit::Exit;
use crate::registry::{Entry, LawInfo, entries};

/// Prints every target with what can be asked of it.
pub(super) fn run(args: &ListArgs) -> Exit {
    let entries = entries();
    if args.json {
        let targets: Vec<_> = entries.iter().map(document).collect();
        println!("{}", json!({ "schema": 1, "targets": targets }));
        return Exit::Holds;
    }
    for entry in &entries {
        print(entry);
    }
    Exit::Holds
}

fn print(entry: &Entry) {
    println!("{}: {} (folder {})", entry.name(), entry.title, entry.folder);
    println!("  papers      {}", entry.papers.join("; "));
    for parameter in entry.model.parameters() {
        let values = Preset::ALL.map(|preset| {
            format!("{} {}", preset.name(), parameter.format(parameter.presets[preset as usize]))
        });
        println!(
            "  --set {:<14} {}, {}; {}",
            parameter.name,
            parameter.doc,
            parameter.range(),
            values.join(", ")
        );
    }
    for LawInfo { name, kind, source, fairness } in entry.model.laws() {
        let under = fairness.map(|fairness| format!(", under {fairness}")).unwrap_or_default();
        println!("  {kind:<11} {name}{under} [{source}]");
    }
    let actions: Vec<_> = entry.model.actions().iter().map(|class| class.name).collect();
    println!("  actions     {}", actions.join(", "));
    let evidence: Vec<_> = entry.evidence().iter().map(ToString::to_string).collect();
    println!("  evidence    {}", evidence.join(", "));
    for bug in &entry.bugs {
        println!("  bug         {} ({}): {}", bug.slug, bug.row, bug.title);
    }
    println!("  files       {}", entry.files.join(", "));
    println!();
}

fn document(entry: &Entry) -> Value {
    let parameters = entry.model.parameters().iter().map(|parameter| {
        let (kind, range) = match parameter.kind {
            Kind::Flag => ("flag", json!(null)),
            Kind::Choice(words) => ("choice", json!(words)),
            Kind::Count { min, max } => ("count", json!([min, max])),
        };
        let [quick, standard, deep] = parameter.presets;
        json!({
            "name": parameter.name, "doc": parameter.doc, "kind": kind, "range": range,
            "default": standard,
            "presets": { "quick": quick, "standard": standard, "deep": deep },
        })
    });
    let laws = entry.model.laws().into_iter();
    let properties = laws.map(|LawInfo { name, kind, source, fairness }| {
        json!({ "name": name, "kind": kind, "source": source, "fairness": fairness })
    });
    let actions = entry.model.actions().iter();
    let bugs = entry.bugs.iter().map(
        |bug| json!({ "slug": bug.slug, "row": bug.row, "title": bug.title, "source": bug.source }),
    );
    json!({
        "target": entry.name(),
        "folder": entry.folder,
        "title": entry.title,
        "papers": entry.papers,
        "parameters": parameters.collect::<Vec<_>>(),
        "properties": properties.collect::<Vec<_>>(),
        "actions": actions
            .map(|class| json!({ "name": class.name, "source": class.source }))
            .collect::<Vec<_>>(),
        "evidence": entry.evidence(),
        "bugs": bugs.collect::<Vec<_>>(),
        "files": entry.files,
    })
}
