//! `bisim explore`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::args::ExploreArgs;
use super::exit::Exit;
use super::select;

/// Serves Stateright's Explorer until the process is interrupted.
pub(super) fn run(args: &ExploreArgs, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    let entry = select::one(&args.target)?;
    let params = select::params(&entry, args.preset.into(), &args.set)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    // Stateright panics on a busy port: bind it first, and learn the port if it was 0.
    let listener = TcpListener::bind(address)
        .map_err(|why| format!("port {}: {why}; choose another with --port", args.port))?;
    let address = listener.local_addr().map_err(|why| why.to_string())?;
    drop(listener);
    println!("{} · {} · http://{address}", entry.name(), select::bounds(&entry, &params));
    println!("Ctrl-C ends it");
    // Stateright's server does not return: the process ends under it.
    let interrupt = Arc::clone(interrupt);
    std::thread::spawn(move || {
        while !interrupt.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
        std::process::exit(Exit::Interrupted as i32);
    });
    entry.model.explore(&params, args.bug.as_deref(), address).map_err(|why| why.to_string())?;
    Ok(Exit::Holds)
}
