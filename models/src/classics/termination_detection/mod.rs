#![doc = include_str!("README.md")]

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, SmallSet,
    Spec,
};
use crate::spec_model;

/// The nodes and the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The nodes that are active.
    pub active: SmallSet,
    /// The nodes that are black (`color`).
    pub black: SmallSet,
    /// Where the token is.
    pub tpos: u8,
    /// Whether the token is black (`tcolor`).
    pub token_black: bool,
}

/// A step of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Node 0 sends a white token round.
    InitiateProbe,
    /// A node passes the token on to the node below it.
    PassToken(u8),
    /// An active node activates another.
    SendMsg {
        /// The active node.
        i: u8,
        /// The node that is activated.
        j: u8,
    },
    /// An active node becomes passive.
    Deactivate(u8),
}

type Next = Result<State, Disabled>;

/// The ring.
#[derive(Clone, Debug)]
pub struct TerminationDetection {
    nodes: u8,
}

impl TerminationDetection {
    fn initiate_probe(&self, state: &State) -> Next {
        if state.tpos != 0 {
            return Err(Disabled("node 0 has not got the token"));
        }
        if !state.token_black && !state.black.contains(0) {
            return Err(Disabled("neither the token nor node 0 is black"));
        }
        let (tpos, black) = (self.nodes - 1, state.black.without(0));
        Ok(State { tpos, black, token_black: false, ..*state })
    }

    fn pass_token(state: &State, i: u8) -> Next {
        let node = usize::from(i);
        if i == 0 || state.tpos != i {
            return Err(Disabled("the node has not got the token, or is node 0"));
        }
        let black = state.black.contains(node);
        if state.active.contains(node) && !black && !state.token_black {
            return Err(Disabled("the node is active, and this round may still succeed"));
        }
        let token_black = state.token_black || black;
        Ok(State { tpos: i - 1, token_black, black: state.black.without(node), ..*state })
    }

    /// A node activates another, and paints itself black if that is behind the token.
    fn send_msg(state: &State, i: u8, j: u8) -> Next {
        let next = Self::activate(state, i, j)?;
        let black = if j > i { state.black.with(i.into()) } else { state.black };
        Ok(State { black, ..next })
    }

    /// A node activates another, and that is all.
    ///
    /// # Errors
    /// When the node is not active, or is to activate itself.
    pub fn activate(state: &State, i: u8, j: u8) -> Next {
        if !state.active.contains(i.into()) || i == j {
            return Err(Disabled("the node is not active, or is the other one"));
        }
        Ok(State { active: state.active.with(j.into()), ..*state })
    }

    fn deactivate(state: &State, i: u8) -> Next {
        if !state.active.contains(i.into()) {
            return Err(Disabled("the node is not active"));
        }
        Ok(State { active: state.active.without(i.into()), ..*state })
    }

    /// `terminationDetected`: what node 0 sees.
    pub fn termination_detected(state: &State) -> bool {
        let white = !state.token_black && !state.black.contains(0);
        state.tpos == 0 && white && !state.active.contains(0)
    }

    /// `Inv`, Dijkstra's: the nodes above the token are passive, or a node that the token has still
    /// to meet is black, or the token is.
    fn inv(&self, state: &State) -> bool {
        let tpos = usize::from(state.tpos);
        let above = tpos + 1..usize::from(self.nodes);
        above.into_iter().all(|node| !state.active.contains(node))
            || (0..=tpos).any(|node| state.black.contains(node))
            || state.token_black
    }

    /// `WF_vars(System)`: the token is passed on, whatever the nodes do.
    fn fairness() -> Fairness<Self> {
        Fairness::weak("the token (System)", |_: &Self, _: &State, action: &Action| {
            matches!(action, Action::InitiateProbe | Action::PassToken(_)).then_some(0)
        })
    }
}

const SOURCE: &str = "EWD840.tla";

impl Spec for TerminationDetection {
    const NAME: &'static str = "termination-detection";

    const PARAMETERS: &'static [Parameter] =
        &[Parameter::count("nodes", "nodes on the ring (N)", (2, 10), [3, 4, 6])];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("InitiateProbe", SOURCE),
        ActionClass::new("PassToken", SOURCE),
        ActionClass::new("SendMsg", SOURCE),
        ActionClass::new("Deactivate", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { nodes: params.get("nodes") as u8 })
    }

    /// The token is black; all else is arbitrary.
    fn initial(&self) -> Vec<State> {
        let sets = || {
            let nodes = usize::from(self.nodes);
            (0_u32..1 << nodes).map(move |bits| {
                (0..nodes).filter(|node| bits & 1 << node != 0).collect::<SmallSet>()
            })
        };
        let colors = sets().flat_map(|active| sets().map(move |black| (active, black)));
        let states = colors.flat_map(|(active, black)| {
            (0..self.nodes).map(move |tpos| State { active, black, tpos, token_black: true })
        });
        states.collect()
    }

    fn candidates(&self, _state: &State, actions: &mut Vec<Action>) {
        actions.push(Action::InitiateProbe);
        for i in 0..self.nodes {
            actions.extend([Action::PassToken(i), Action::Deactivate(i)]);
            actions.extend((0..self.nodes).map(|j| Action::SendMsg { i, j }));
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let highest = match *action {
            Action::InitiateProbe => 0,
            Action::PassToken(i) | Action::Deactivate(i) => i,
            Action::SendMsg { i, j } => i.max(j),
        };
        if highest >= self.nodes {
            return Err(Disabled("there is no such node"));
        }
        match *action {
            Action::InitiateProbe => self.initiate_probe(state),
            Action::PassToken(i) => Self::pass_token(state, i),
            Action::SendMsg { i, j } => Self::send_msg(state, i, j),
            Action::Deactivate(i) => Self::deactivate(state, i),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::InitiateProbe => 0,
            Action::PassToken(_) => 1,
            Action::SendMsg { .. } => 2,
            Action::Deactivate(_) => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("TerminationDetection", SOURCE, |_, state: &State| {
                !Self::termination_detected(state) || state.active.is_empty()
            }),
            Law::always("Inv", SOURCE, |model: &Self, state: &State| model.inv(state)),
            Law::sometimes("termination is detected", SOURCE, |_, state: &State| {
                Self::termination_detected(state)
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let terminated = |_: &Self, state: &State| state.active.is_empty();
        let detected = |_: &Self, state: &State| Self::termination_detected(state);
        vec![LiveLaw::leads_to("Liveness", SOURCE, terminated, detected).under(&Self::fairness())]
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.nodes).map(|node| format!("node {node}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(match *action {
            Action::InitiateProbe => 0,
            Action::PassToken(i) | Action::Deactivate(i) | Action::SendMsg { i, .. } => i.into(),
        })
    }
}

spec_model!(TerminationDetection, State, Action);
