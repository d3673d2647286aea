//! The bugs of the schedulers, whose models are described in `models/src/scheduler/README.md`.

mod allocator_bugs;
mod executor_bugs;
mod sleep_bugs;
mod stealing_bugs;

use bisim_models::common::Spec;

use crate::registry::{Bug, Entry, Hunt, ModelBug, ModelTarget};

/// The schedulers, and the allocator that serves clients by a schedule.
pub fn entries() -> Vec<Entry> {
    vec![
        executor_bugs::task_queue(),
        stealing_bugs::work_stealing(),
        sleep_bugs::sleep_protocol(),
        executor_bugs::executor(),
        allocator_bugs::resource_allocator(),
    ]
}

/// A target of this folder that is a model alone.
fn explored(
    title: &'static str,
    papers: &'static [&'static str],
    files: &'static [&'static str],
    model: Box<dyn ModelTarget>,
    bugs: Vec<Bug>,
) -> Entry {
    Entry {
        folder: "scheduler",
        title,
        papers,
        files,
        model,
        conformance: None,
        simulation: None,
        bugs,
        deferred: &[],
    }
}

/// A bug of a model, and the property that it is known to break.
fn seeded<S: Spec>(
    bug: ModelBug<S>,
    row: &'static str,
    title: &'static str,
    source: &'static str,
    property: &'static str,
) -> Bug {
    Bug::new(row, bug.slug, title, source).hunted_by(|_| vec![Hunt::against(bug, property)])
}
