//! The search as a timely dataflow: one operator in a loop.
//!
//! ```text
//!            ┌───────────────────────────────────────────┐
//!            ▼                                           │ successors,
//!   exchange by fingerprint ──► visit ──► feedback: depth + 1
//! ```
//!
//! A timestamp is a depth. `visit` takes in what arrives at once (a state is looked up and checked
//! by the worker that owns its fingerprint), but it explores the states of a depth only when its
//! input frontier has passed that depth: when no worker can send another state of this depth. So
//! every state is reached by a shortest path first, whatever the number of workers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bisim_models::common::Value;
use stateright::Model;
use timely::dataflow::Scope;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator;
use timely::dataflow::operators::{Capability, ConnectLoop, Feedback};
use timely::worker::Worker;

use super::progress::Progress;
use super::search::{Arrival, Part, Search};

/// Runs the search on as many threads as the options ask for.
pub(super) fn run<M>(search: &Arc<Search<M>>) -> Vec<Part<M>>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let config = match search.options.workers {
        0 | 1 => timely::Config::thread(),
        workers => timely::Config::process(workers),
    };
    let shared = Arc::clone(search);
    let guards = timely::execute(config, move |worker| work(worker, &shared))
        .expect("threads of one process need no network");
    guards.join().into_iter().map(|part| part.expect("a panic is caught by the operator")).collect()
}

fn work<M>(worker: &mut Worker, search: &Arc<Search<M>>) -> Part<M>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let part = Rc::new(RefCell::new(Part::new(Arc::clone(search))));
    worker.dataflow(|scope| build(scope, search, &part));
    while worker.has_dataflows() {
        worker.step_or_park(None);
    }
    part.replace(Part::new(Arc::clone(search)))
}

fn build<M>(scope: Scope<'_, u32>, search: &Arc<Search<M>>, part: &Rc<RefCell<Part<M>>>)
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let (search, part) = (Arc::clone(search), Rc::clone(part));
    let mut progress = (scope.index() == 0 && search.options.progress).then(Progress::start);
    let index = scope.index();
    let (handle, arrivals) = scope.feedback::<Vec<Arrival<M::State>>>(1);
    let owner = Exchange::new(|arrival: &Arrival<M::State>| arrival.fingerprint);
    arrivals
        .unary_frontier(owner, "visit", move |initially, info| {
            let activator = scope.activator_for(info.address);
            let mut initially = Some(initially);
            let mut levels = Levels::default();
            move |(input, frontier), output| {
                let mut part = part.borrow_mut();
                let visit = AssertUnwindSafe(|| {
                    if let Some(capability) = initially.take().filter(|_| index == 0) {
                        output.session(&capability).give_iterator(part.start().into_iter());
                    }
                    let port = output.output_index();
                    input.for_each(|capability, arrivals| {
                        let depth = *capability.least().expect("a message has a time");
                        if !search.ended() {
                            part.arrive(depth, arrivals);
                        }
                        levels
                            .waiting
                            .entry(depth)
                            .or_insert_with(|| capability.delayed(&depth, port));
                    });
                    levels.advance(&mut part, |depth| !frontier.less_equal(&depth));
                    if let Some(level) = &levels.now {
                        let mut session = output.session(level);
                        if part.explore(|arrival| session.give(arrival)) {
                            activator.activate();
                        } else {
                            drop(session);
                            levels.now = None;
                        }
                    }
                });
                if let Err(payload) = catch_unwind(visit) {
                    search.end_with_panic(payload);
                }
                if search.ended() {
                    levels = Levels::default();
                }
                if let Some(progress) = &mut progress {
                    progress.tell(search.distinct.load(Relaxed), part.depth);
                }
            }
        })
        .connect_loop(handle);
}

/// The right to send on behalf of the level that is explored, and of those after it that states
/// have arrived of.
#[derive(Default)]
struct Levels {
    now: Option<Capability<u32>>,
    waiting: BTreeMap<u32, Capability<u32>>,
}

impl Levels {
    /// Turns to the next level, if this one is done and no state of the next can arrive any more.
    fn advance<M>(&mut self, part: &mut Part<M>, complete: impl Fn(u32) -> bool)
    where
        M: Model<State: Value, Action: Value>,
    {
        if self.now.is_some() {
            return;
        }
        if let Some(next) = self.waiting.first_entry().filter(|next| complete(*next.key())) {
            part.begin_level(*next.key());
            self.now = Some(next.remove());
        }
    }
}
