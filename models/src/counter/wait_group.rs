//! A Go program that counts in goroutines and prints the sum: `counter`.
//!
//! ```go
//! for i := 0; i < goroutines; i++ {
//!     wg.Add(1)                                        // Go
//!     go func() {
//!         defer wg.Done()                              // Done
//!         for j := 0; j < increments; j++ { c.Inc() }  // Inc
//!     }()
//! }
//! wg.Wait()                                            // Wait
//! fmt.Println(c.Value())                               // Print
//! ```
//!
//! Constants: the number of goroutines and the increments of each. `c.Inc()` holds a lock, so it
//! is one atomic step. `wg.Add` and `go` are one step of the main program: nothing that another
//! goroutine does can come between them to any effect, since it could only be a `Done` that is
//! not yet possible.

use serde::{Deserialize, Serialize};

use crate::common::{ActionClass, Disabled, Law, Parameter, ParameterError, Params, Spec};
use crate::spec_model;

/// Where the main program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Main {
    /// In the loop or behind it: this many goroutines are started.
    Started(u8),
    /// The wait group let it pass.
    Waited,
    /// It has printed this value.
    Printed(u32),
}

/// Where a goroutine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Goroutine {
    /// Not started yet.
    Idle,
    /// Started, with this many increments still to do.
    Running(u8),
    /// Left the wait group.
    Done,
}

/// A state of the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// The main program.
    pub main: Main,
    /// The other goroutines.
    pub goroutines: Vec<Goroutine>,
    /// The shared counter.
    pub value: u32,
    /// The wait group's counter.
    pub wait_group: u8,
}

/// A step of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// `wg.Add(1); go func() { .. }()`: the main program starts the next goroutine.
    Go,
    /// `c.Inc()` in a goroutine.
    Inc(u8),
    /// `wg.Done()` in a goroutine.
    Done(u8),
    /// `wg.Wait()` returns.
    Wait,
    /// `fmt.Println(c.Value())`.
    Print,
}

/// The model `counter`.
#[derive(Clone, Debug)]
pub struct Counter {
    goroutines: u8,
    increments: u8,
}

spec_model!(Counter, State, Action);

impl Counter {
    /// More states than this are not worth the wait; the bound also keeps the small numbers small.
    const MOST_STATES: f64 = 1e8;

    /// The number of goroutines.
    pub fn goroutines(&self) -> usize {
        usize::from(self.goroutines)
    }

    /// All increments of all goroutines: what the program should print.
    pub fn total(&self) -> u32 {
        u32::from(self.goroutines) * u32::from(self.increments)
    }

    fn go(&self, state: &State) -> Result<State, Disabled> {
        match state.main {
            Main::Started(started) if started < self.goroutines => {
                let mut next = state.clone();
                next.main = Main::Started(started + 1);
                next.goroutines[usize::from(started)] = Goroutine::Running(self.increments);
                next.wait_group += 1;
                Ok(next)
            }
            Main::Started(_) => Err(Disabled("all goroutines are started")),
            _ => Err(Disabled("the main program has left its loop")),
        }
    }

    fn inc(&self, state: &State, goroutine: u8) -> Result<State, Disabled> {
        match state.goroutines[usize::from(goroutine)] {
            Goroutine::Running(left @ 1..) => {
                let mut next = state.clone();
                next.goroutines[usize::from(goroutine)] = Goroutine::Running(left - 1);
                next.value += 1;
                Ok(next)
            }
            Goroutine::Running(0) => Err(Disabled("the goroutine has made its increments")),
            _ => Err(Disabled("the goroutine is not running")),
        }
    }

    fn done(&self, state: &State, goroutine: u8) -> Result<State, Disabled> {
        if state.goroutines[usize::from(goroutine)] != Goroutine::Running(0) {
            return Err(Disabled("the goroutine has increments to make, or does not run"));
        }
        let mut next = state.clone();
        next.goroutines[usize::from(goroutine)] = Goroutine::Done;
        next.wait_group -= 1;
        Ok(next)
    }

    fn wait(&self, state: &State) -> Result<State, Disabled> {
        if state.main != Main::Started(self.goroutines) {
            return Err(Disabled("the main program is not behind its loop"));
        }
        if state.wait_group != 0 {
            return Err(Disabled("the wait group is not empty"));
        }
        Ok(State { main: Main::Waited, ..state.clone() })
    }

    fn print(&self, state: &State) -> Result<State, Disabled> {
        if state.main != Main::Waited {
            return Err(Disabled("the main program has not waited, or has printed"));
        }
        Ok(State { main: Main::Printed(state.value), ..state.clone() })
    }
}

impl Spec for Counter {
    const NAME: &'static str = "counter";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("goroutines", "goroutines that count", (1, 12), [3, 5, 10]),
        Parameter::count("increments", "increments of each goroutine", (1, 100), [1, 1, 1]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Go", "Go spec, Go statements"),
        ActionClass::new("Inc", "sync.Mutex"),
        ActionClass::new("Done", "sync.WaitGroup"),
        ActionClass::new("Wait", "sync.WaitGroup"),
        ActionClass::new("Print", "fmt.Println"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let (goroutines, increments) = (params.get("goroutines"), params.get("increments"));
        let small = |value| u8::try_from(value).expect("the range ends below 256");
        if f64::from(increments + 2).powf(f64::from(goroutines)) > Self::MOST_STATES {
            return Err(ParameterError(format!(
                "goroutines={goroutines} increments={increments}: (increments + 2) to the power \
                 of goroutines must be at most 10^8"
            )));
        }
        Ok(Self { goroutines: small(goroutines), increments: small(increments) })
    }

    fn initial(&self) -> Vec<State> {
        vec![State {
            main: Main::Started(0),
            goroutines: vec![Goroutine::Idle; self.goroutines()],
            value: 0,
            wait_group: 0,
        }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Go, Action::Wait, Action::Print]);
        actions.extend((0..self.goroutines).flat_map(|i| [Action::Inc(i), Action::Done(i)]));
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        match *action {
            Action::Inc(goroutine) | Action::Done(goroutine) if goroutine >= self.goroutines => {
                Err(Disabled("there is no such goroutine"))
            }
            Action::Go => self.go(state),
            Action::Inc(goroutine) => self.inc(state, goroutine),
            Action::Done(goroutine) => self.done(state, goroutine),
            Action::Wait => self.wait(state),
            Action::Print => self.print(state),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Go => 0,
            Action::Inc(_) => 1,
            Action::Done(_) => 2,
            Action::Wait => 3,
            Action::Print => 4,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always(
                "prints the number of increments",
                "the program's purpose",
                |model: &Self, state: &State| match state.main {
                    Main::Printed(value) => value == model.total(),
                    _ => true,
                },
            ),
            Law::sometimes("prints", "the program's purpose", |_, state: &State| {
                matches!(state.main, Main::Printed(_))
            }),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let others = (0..self.goroutines).map(|i| format!("goroutine {i}"));
        std::iter::once("main".to_owned()).chain(others).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(match *action {
            Action::Go | Action::Wait | Action::Print => 0,
            Action::Inc(goroutine) | Action::Done(goroutine) => 1 + usize::from(goroutine),
        })
    }
}
