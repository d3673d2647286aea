//! A mistake of Dijkstra's token, seeded in the model.

use bisim_models::classics::termination_detection::{Action, State, TerminationDetection};
use bisim_models::common::Disabled;

use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget, model_bug};

/// The target.
pub(super) fn entry() -> Entry {
    let source = "tlaplus/Examples, ewd840: the second effect of SendMsg";
    let title = "who activates a node behind the token stays white";
    Entry {
        folder: "classics",
        title: "a token on a ring finds out that everybody is passive",
        papers: &[
            "Dijkstra, Feijen & van Gasteren, EWD 840, 1983",
            "tlaplus/Examples, ewd840/EWD840.tla (Merz)",
        ],
        files: &[
            "models/src/classics/termination_detection/mod.rs",
            "proofs/src/classics/termination.rs",
        ],
        model: SpecTarget::boxed(&[WHITE_SENDER]),
        conformance: None,
        simulation: None,
        bugs: vec![
            Bug::new("W13", WHITE_SENDER.slug, title, source)
                .hunted_by(|_| vec![Hunt::against(WHITE_SENDER, "TerminationDetection")]),
        ],
        deferred: &[],
    }
}

const WHITE_SENDER: ModelBug<TerminationDetection> =
    model_bug!("classics/white-sender", white_sender);

/// `SendMsg` without its paint.
fn white_sender(
    _: &TerminationDetection,
    state: &State,
    action: &Action,
) -> Option<Result<State, Disabled>> {
    let &Action::SendMsg { i, j } = action else { return None };
    Some(TerminationDetection::activate(state, i, j))
}
