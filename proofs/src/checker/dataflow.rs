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

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use timely::dataflow::Scope;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator;
use timely::dataflow::operators::{Capability, ConnectLoop, Feedback};
use timely::worker::Worker;

use super::control::Control;
use super::parcel::Parcel;
use super::progress::Progress;

/// What a worker does with the states that it owns. The dataflow knows nothing of their type.
pub(super) trait Work: Send {
    /// Sends the initial states, as states of depth 1.
    fn start(&mut self, send: &mut dyn FnMut(Parcel));

    /// Takes in states of this depth that the worker owns.
    fn arrive(&mut self, depth: u32, parcel: Parcel);

    /// Begins to explore the states that have arrived at this depth.
    fn begin_level(&mut self, depth: u32);

    /// Explores the next block of states of this level, and sends their successors. Whether
    /// there are more.
    fn explore(&mut self, send: &mut dyn FnMut(Parcel)) -> bool;

    /// The depth of the deepest state so far.
    fn depth(&self) -> u32;

    /// The worker's part of the search, when it is over.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// Makes the work of a worker, given its number and the number of workers.
pub(super) type NewWork = dyn Fn(usize, usize) -> Box<dyn Work> + Send + Sync;

/// Runs the search on as many threads as the options ask for.
pub(super) fn run(control: &Arc<Control>, new: Arc<NewWork>) -> Vec<Box<dyn Work>> {
    let config = match control.options.workers {
        0 | 1 => timely::Config::thread(),
        workers => timely::Config::process(workers),
    };
    let control = Arc::clone(control);
    let guards = timely::execute(config, move |worker| work(worker, &control, &*new))
        .expect("threads of one process need no network");
    guards.join().into_iter().map(|part| part.expect("a panic is caught by the operator")).collect()
}

fn work(worker: &mut Worker, control: &Arc<Control>, new: &NewWork) -> Box<dyn Work> {
    let part = Rc::new(RefCell::new(new(worker.index(), worker.peers())));
    worker.dataflow(|scope| build(scope, control, &part));
    while worker.has_dataflows() {
        worker.step_or_park(None);
    }
    Rc::into_inner(part).expect("the dataflow that shared it is over").into_inner()
}

fn build(scope: Scope<'_, u32>, control: &Arc<Control>, part: &Rc<RefCell<Box<dyn Work>>>) {
    let (control, part) = (Arc::clone(control), Rc::clone(part));
    let mut progress = (scope.index() == 0 && control.options.progress).then(Progress::start);
    let (handle, arrivals) = scope.feedback::<Vec<Parcel>>(1);
    let owner = Exchange::new(|parcel: &Parcel| parcel.to);
    arrivals
        .unary_frontier(owner, "visit", move |initially, info| {
            let activator = scope.activator_for(info.address);
            let mut initially = Some(initially);
            let mut levels = Levels::default();
            move |(input, frontier), output| {
                let mut part = part.borrow_mut();
                let visit = AssertUnwindSafe(|| {
                    if let Some(capability) = initially.take() {
                        let mut session = output.session(&capability);
                        part.start(&mut |parcel| session.give(parcel));
                    }
                    let port = output.output_index();
                    input.for_each(|capability, parcels| {
                        let depth = *capability.least().expect("a message has a time");
                        for parcel in parcels.drain(..) {
                            if !control.ended() {
                                part.arrive(depth, parcel);
                            }
                        }
                        levels
                            .waiting
                            .entry(depth)
                            .or_insert_with(|| capability.delayed(&depth, port));
                    });
                    levels.advance(&mut **part, |depth| !frontier.less_equal(&depth));
                    if let Some(level) = &levels.now {
                        let mut session = output.session(level);
                        if part.explore(&mut |parcel| session.give(parcel)) {
                            activator.activate();
                        } else {
                            drop(session);
                            levels.now = None;
                        }
                    }
                });
                if let Err(payload) = catch_unwind(visit) {
                    control.end_with_panic(payload);
                }
                if control.ended() {
                    levels = Levels::default();
                }
                if let Some(progress) = &mut progress {
                    progress.tell(control.distinct(), part.depth());
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
    fn advance(&mut self, part: &mut dyn Work, complete: impl Fn(u32) -> bool) {
        if self.now.is_some() {
            return;
        }
        if let Some(next) = self.waiting.first_entry().filter(|next| complete(*next.key())) {
            part.begin_level(*next.key());
            self.now = Some(next.remove());
        }
    }
}
