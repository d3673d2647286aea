//! `bisim replay`.

use bisim_models::common::{Params, Preset};
use serde_json::json;

use super::args::ReplayArgs;
use super::exit::Exit;
use super::{lanes, select};
use crate::registry::Entry;
use crate::report::{Replayed, Subject, Trace, TraceError};

/// Runs a trace again. The exit code is the recorded verdict's when the trace ends as recorded.
pub(super) fn run(args: &ReplayArgs) -> Result<Exit, String> {
    let trace = Trace::read(&args.file).map_err(|why| why.to_string())?;
    let entry =
        select::one(&trace.target).map_err(|why| format!("{}: {why}", args.file.display()))?;
    let ended = replay(&entry, &trace).and_then(|replayed| match replayed.verdict {
        verdict if verdict == trace.verdict => Ok(replayed),
        verdict => Err(TraceError::NoLongerApplies(format!(
            "{} was {}, and is now {verdict}",
            trace.property, trace.verdict
        ))),
    });
    match ended {
        Ok(replayed) => {
            show(args, &trace, &replayed);
            Ok(replayed.verdict.into())
        }
        Err(TraceError::Unreadable(why)) => Err(format!("{}: {why}", args.file.display())),
        Err(TraceError::NoLongerApplies(why)) => {
            if args.json {
                println!("{}", json!({ "schema": 1, "target": trace.target, "stale": why }));
            }
            eprintln!("{}: the trace no longer applies: {why}", args.file.display());
            Ok(Exit::Stale)
        }
    }
}

/// Runs a trace again on what it is a run of.
pub(super) fn replay(entry: &Entry, trace: &Trace) -> Result<Replayed, TraceError> {
    let params = params(entry, trace)?;
    match (trace.subject, &entry.conformance) {
        (Subject::Model, _) => entry.model.replay(&params, trace),
        (_, Some(conformance)) => conformance.replay(trace),
        (_, None) => Err(TraceError::NoLongerApplies(format!(
            "{} has no implementation that could run it",
            entry.name()
        ))),
    }
}

/// The trace's parameters: those that the target has now, each within its range.
fn params(entry: &Entry, trace: &Trace) -> Result<Params, TraceError> {
    let parameters = entry.model.parameters();
    let mut params = Params::preset(parameters, Preset::Standard);
    if trace.subject != Subject::Model {
        return Ok(params);
    }
    let declared: Vec<_> = parameters.iter().map(|parameter| parameter.name).collect();
    if !trace.params.keys().map(String::as_str).eq(params.iter().map(|(name, _)| name)) {
        return Err(TraceError::NoLongerApplies(format!(
            "the parameters of {} are now {}",
            entry.name(),
            declared.join(", ")
        )));
    }
    for parameter in parameters {
        let value = trace.params[parameter.name];
        let value = parameter
            .parse(&parameter.format(value))
            .map_err(|why| TraceError::NoLongerApplies(why.to_string()))?;
        params = params.with(parameter.name, value);
    }
    Ok(params)
}

fn show(args: &ReplayArgs, trace: &Trace, replayed: &Replayed) {
    if args.json {
        let result = json!({
            "schema": 1,
            "target": trace.target,
            "property": trace.property,
            "verdict": replayed.verdict,
            "steps": replayed.story.len(),
            "why": replayed.why,
            "story": replayed.story,
        });
        println!("{result}");
        return;
    }
    let bug = trace.bug.as_ref().map(|slug| format!(" · bug {slug}")).unwrap_or_default();
    println!("{}{bug} · {}", trace.target, replayed.story.extent());
    print!("{}", lanes::render(&replayed.story, "◀"));
    if let Some(why) = &replayed.why {
        println!("{}", lanes::fold(&format!("  {why}"), 4));
    }
    println!("replayed: {} is {}, as recorded", trace.property, replayed.verdict);
}
