//! The command `bisim`: arguments, commands, exit codes.

mod args;
mod baseline;
mod bugs;
mod check;
mod conform;
mod exit;
mod explore;
mod lanes;
mod list;
mod quick;
mod replay;
mod select;
mod simulate;
mod told;
mod traces;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser as _;

use args::{Args, Command};
pub use baseline::{Baseline, Known, change as baseline_change};
pub use exit::Exit;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error).into(),
    };
    let interrupt = Arc::new(AtomicBool::new(false));
    // What is over in no time has no partial verdict to give.
    let at_once = matches!(args.command, Some(Command::List(_) | Command::Replay(_)));
    watch_for_interrupt(&interrupt, at_once);
    // The hook would print a second account of a panic, with a backtrace hint.
    std::panic::set_hook(Box::new(|_| {}));
    let ended = catch_unwind(AssertUnwindSafe(|| run(args, &interrupt)));
    let exit = match ended {
        Ok(Ok(exit)) => exit,
        Ok(Err(message)) => {
            eprintln!("error: {message}");
            Exit::Usage
        }
        // Whoever read the output has had enough of it.
        Err(panic) if text_of(&*panic).starts_with("failed printing to stdout") => Exit::Unread,
        Err(panic) => {
            eprintln!(
                "internal error: {}; please report it with the command line",
                text_of(&*panic)
            );
            Exit::Internal
        }
    };
    if interrupt.load(Ordering::Relaxed) { Exit::Interrupted.into() } else { exit.into() }
}

/// Runs one command. An error is a line about wrong usage.
fn run(args: Args, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    match args.command {
        None => Ok(quick::run(interrupt)),
        Some(Command::List(list)) => Ok(list::run(&list)),
        Some(Command::Check(check)) => check::run(&check, interrupt),
        Some(Command::Conform(conform)) => conform::run(&conform, interrupt),
        Some(Command::Bugs(bugs)) => bugs::run(&bugs, interrupt),
        Some(Command::Simulate(simulate)) => simulate::run(&simulate, interrupt),
        Some(Command::Replay(replay)) => replay::run(&replay),
        Some(Command::Explore(explore)) => explore::run(&explore, interrupt),
    }
}

/// Prints what clap says in one line. Help and version are no errors.
fn usage(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        print!("{error}");
        return Exit::Holds;
    }
    let text = error.to_string();
    let said = text.lines().take_while(|line| !line.starts_with("Usage:"));
    let said = said.map(str::trim).filter(|line| {
        !line.is_empty() && !line.starts_with("For more") && !line.starts_with("tip:")
    });
    eprintln!("{}", said.collect::<Vec<_>>().join(" "));
    Exit::Usage
}

/// The first interrupt asks the running search for a partial verdict, unless it is to end
/// `at_once`; the second ends at once.
fn watch_for_interrupt(interrupt: &Arc<AtomicBool>, at_once: bool) {
    let interrupt = Arc::clone(interrupt);
    let handler = move || {
        if interrupt.swap(true, Ordering::Relaxed) || at_once {
            std::process::exit(Exit::Interrupted as i32);
        }
    };
    if let Err(why) = ctrlc::set_handler(handler) {
        eprintln!("warning: an interrupt will end without a partial verdict: {why}");
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    text.lines().next().unwrap_or_default().to_owned()
}
