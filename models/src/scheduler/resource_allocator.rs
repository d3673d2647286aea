//! Clients that share resources, and an allocator that serves them by a schedule.
//!
//! `SchedulingAllocator.tla` of Stephan Merz (tlaplus/Examples, `allocator`). A client asks for a
//! set of resources, is given them in parts, and must give back only once it has all of them. The
//! allocator puts the clients that ask into a schedule, and gives a resource to a client only if
//! no client before it in the schedule wants the same one; so everybody is served although the
//! allocator is only weakly fair.
//!
//! With `scheduling=false` it is `SimpleAllocator.tla`, which gives what is free to anybody: there
//! a client may be passed over again and again, unless the allocator is strongly fair to it *and*
//! clients give back what they hold before they have all.

mod sets;
mod state;

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Sequence,
    SmallSet, Spec, Strength,
};
use crate::spec_model;
use sets::{clients, common, minus, orders, subsets, union};

pub use state::{Action, Clients, State};

type Next = Result<State, Disabled>;

/// The allocator.
#[derive(Clone, Debug)]
pub struct ResourceAllocator {
    clients: u8,
    resources: usize,
    scheduling: bool,
    fairness: Strength,
}

impl ResourceAllocator {
    /// The resources that nobody has (`available`).
    pub fn available(&self, state: &State) -> SmallSet {
        state.alloc.iter().fold(SmallSet::below(self.resources), |free, held| minus(free, *held))
    }

    /// The clients that ask and are not yet in the schedule (`toSchedule`).
    pub fn to_schedule(state: &State) -> SmallSet {
        let asks = |client: &usize| !state.unsat[*client].is_empty();
        clients(state).filter(asks).filter(|c| !state.sched.contains(&(*c as u8))).collect()
    }

    fn request(state: &State, client: usize, set: SmallSet) -> Next {
        if !state.unsat[client].is_empty() || !state.alloc[client].is_empty() {
            return Err(Disabled("the client has or wants something already"));
        }
        let mut next = state.clone();
        next.unsat.set(client, set);
        Ok(next)
    }

    /// The schedule is respected: the client is in it, and nobody before it wants any of the set.
    fn allocate(&self, state: &State, client: usize, set: SmallSet) -> Next {
        if self.scheduling {
            let mut order = state.sched.iter().map(|client| usize::from(*client));
            let Some(place) = order.position(|scheduled| scheduled == client) else {
                return Err(Disabled("the client is not in the schedule"));
            };
            let earlier = &state.sched[..place];
            if earlier.iter().any(|c| !common(state.unsat[usize::from(*c)], set).is_empty()) {
                return Err(Disabled("a client that comes earlier wants one of these resources"));
            }
        }
        self.give(state, client, set)
    }

    /// Gives resources to a client, whatever the schedule is; who has all leaves the schedule.
    ///
    /// # Errors
    /// When one of the resources is not free, or not wanted.
    pub fn give(&self, state: &State, client: usize, set: SmallSet) -> Next {
        if !common(self.available(state), state.unsat[client]).is_superset(set) {
            return Err(Disabled("a resource is not free, or not wanted"));
        }
        let mut next = state.clone();
        next.alloc.set(client, union(state.alloc[client], set));
        next.unsat.set(client, minus(state.unsat[client], set));
        if next.unsat[client].is_empty() {
            let others = state.sched.iter().filter(|other| usize::from(**other) != client);
            next.sched = others.copied().collect();
        }
        Ok(next)
    }

    fn give_back(state: &State, client: usize, set: SmallSet) -> Next {
        if !state.alloc[client].is_superset(set) {
            return Err(Disabled("the client has not got all of that"));
        }
        let mut next = state.clone();
        next.alloc.set(client, minus(state.alloc[client], set));
        Ok(next)
    }

    fn schedule(state: &State, order: &Clients) -> Next {
        let scheduled: SmallSet = order.iter().map(|client| usize::from(*client)).collect();
        let missing = Self::to_schedule(state);
        if missing.is_empty() || scheduled != missing || order.len() != missing.len() {
            return Err(Disabled("these are not the clients to be scheduled"));
        }
        let sched = state.sched.iter().chain(order.iter()).copied().collect();
        Ok(State { sched, ..state.clone() })
    }

    /// `PrevResources(i)`: what will be free when the client at this place is served.
    fn prev_resources(&self, state: &State, place: usize) -> SmallSet {
        let earlier = state.sched[..place].iter().map(|client| usize::from(*client));
        let from_earlier = earlier.map(|c| union(state.unsat[c], state.alloc[c]));
        let unscheduled = clients(state).filter(|c| !state.sched.contains(&(*c as u8)));
        let from_unscheduled = unscheduled.map(|c| state.alloc[c]);
        from_earlier.chain(from_unscheduled).fold(self.available(state), union)
    }

    /// `AllocatorInvariant`, without its second part, which is the definition of `toSchedule`.
    fn allocator_invariant(&self, state: &State) -> bool {
        let at = |place: usize| usize::from(state.sched[place]);
        (0..state.sched.len()).all(|i| {
            let wants = state.unsat[at(i)];
            let takes_none =
                (0..i).all(|j| common(state.alloc[at(i)], state.unsat[at(j)]).is_empty());
            !wants.is_empty() && takes_none && self.prev_resources(state, i).is_superset(wants)
        })
    }

    /// `Liveness` of the specification. Who has all it wanted gives all back. Under strong fairness
    /// it is that of `SimpleAllocator.tla`, where also who waits for more gives back what it has.
    fn fairness(&self) -> Fairness<Self> {
        let early = self.fairness == Strength::Strong || !self.scheduling;
        let returns = Fairness::weak(
            "each client that returns all it has",
            move |_: &Self, state: &State, action: &Action| match *action {
                Action::Return { client, set } => {
                    let client = usize::from(client);
                    let owes = early || state.unsat[client].is_empty();
                    (owes && state.alloc[client] == set).then_some(client)
                }
                _ => None,
            },
        );
        let serves = |_: &Self, _: &State, action: &Action| match *action {
            Action::Allocate { client, .. } => Some(client.into()),
            _ => None,
        };
        let schedules = |_: &Self, _: &State, action: &Action| {
            matches!(action, Action::Schedule { .. }).then_some(0)
        };
        returns
            .and(Fairness::of(self.fairness, "allocations to each client", serves))
            .and(Fairness::weak("scheduling", schedules))
    }
}

const SOURCE: &str = "SchedulingAllocator.tla";

impl Spec for ResourceAllocator {
    const NAME: &'static str = "resource-allocator";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("clients", "clients", (1, 5), [2, 3, 3]),
        Parameter::count("resources", "resources", (1, 5), [2, 2, 3]),
        Parameter::flag("scheduling", "clients are served by a schedule", true),
        Parameter::fairness(
            "fairness to allocations; strong: as SimpleAllocator.tla, returns early too",
            Strength::Weak,
        ),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Request", SOURCE),
        ActionClass::new("Allocate", SOURCE),
        ActionClass::new("Return", SOURCE),
        ActionClass::new("Schedule", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self {
            clients: params.get("clients") as u8,
            resources: params.get("resources") as usize,
            scheduling: params.flag("scheduling"),
            fairness: Strength::of(params.get("fairness")),
        })
    }

    fn initial(&self) -> Vec<State> {
        let nothing = Sequence::repeat(SmallSet::EMPTY, self.clients.into());
        vec![State { unsat: nothing.clone(), alloc: nothing, sched: Clients::new() }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for (client, c) in (0..self.clients).zip(0..) {
            if state.unsat[c].is_empty() && state.alloc[c].is_empty() {
                let sets = subsets(SmallSet::below(self.resources));
                actions.extend(sets.map(|set| Action::Request { client, set }));
            }
            let free = common(self.available(state), state.unsat[c]);
            actions.extend(subsets(free).map(|set| Action::Allocate { client, set }));
            actions.extend(subsets(state.alloc[c]).map(|set| Action::Return { client, set }));
        }
        let waiting = Self::to_schedule(state);
        if self.scheduling && !waiting.is_empty() {
            actions.extend(orders(waiting).into_iter().map(|order| Action::Schedule { order }));
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let (client, set) = match action {
            Action::Request { client, set }
            | Action::Allocate { client, set }
            | Action::Return { client, set } => (usize::from(*client), *set),
            Action::Schedule { order } if self.scheduling => return Self::schedule(state, order),
            Action::Schedule { .. } => return Err(Disabled("the allocator has no schedule")),
        };
        if client >= clients(state).len() {
            return Err(Disabled("there is no such client"));
        }
        if set.is_empty() || !SmallSet::below(self.resources).is_superset(set) {
            return Err(Disabled("there is no such set of resources to ask for"));
        }
        match action {
            Action::Request { .. } => Self::request(state, client, set),
            Action::Allocate { .. } => self.allocate(state, client, set),
            _ => Self::give_back(state, client, set),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Request { .. } => 0,
            Action::Allocate { .. } => 1,
            Action::Return { .. } => 2,
            Action::Schedule { .. } => 3,
        }
    }

    fn has(&self, class: usize) -> bool {
        self.scheduling || class != 3
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("ResourceMutex", SOURCE, |_, state: &State| {
                clients(state)
                    .all(|a| (0..a).all(|b| common(state.alloc[a], state.alloc[b]).is_empty()))
            }),
            Law::always("AllocatorInvariant", SOURCE, |model: &Self, state: &State| {
                model.allocator_invariant(state)
            }),
            Law::sometimes("everything is in use", SOURCE, |model: &Self, state: &State| {
                model.available(state).is_empty()
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = self.fairness();
        let (clients, resources) = (usize::from(self.clients), self.resources);
        let satisfied = |_: &Self, state: &State, c: usize| state.unsat[c].is_empty();
        let free = |_: &Self, state: &State, c: usize| state.alloc[c].is_empty();
        let wants = move |_: &Self, state: &State, i: usize| {
            state.unsat[i / resources].contains(i % resources)
        };
        let has = move |_: &Self, state: &State, i: usize| {
            state.alloc[i / resources].contains(i % resources)
        };
        let pairs = clients * resources;
        vec![
            LiveLaw::each_leads_to(clients, "ClientsWillReturn", SOURCE, satisfied, free)
                .under(&fair),
            LiveLaw::each_leads_to(pairs, "ClientsWillObtain", SOURCE, wants, has).under(&fair),
            LiveLaw::each_always_eventually(clients, "InfOftenSatisfied", SOURCE, satisfied)
                .under(&fair),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let clients = (0..self.clients).map(|client| format!("client {client}"));
        clients.chain(["allocator".to_owned()]).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        match action {
            Action::Request { client, .. } | Action::Return { client, .. } => {
                Some(usize::from(*client))
            }
            _ => Some(self.clients.into()),
        }
    }
}

spec_model!(ResourceAllocator, State, Action);
