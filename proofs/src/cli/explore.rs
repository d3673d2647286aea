//! `bisim explore`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::args::ExploreArgs;
use super::exit::Exit;
use super::select;

/// Serves Stateright's Explorer until the process is interrupted.
pub(super) fn run(args: &ExploreArgs) -> Result<Exit, String> {
    let entry = select::one(&args.target)?;
    let params = select::params(&entry, args.preset.into(), &args.set)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    // Stateright panics on a busy port: bind it first, and learn the port if it was 0.
    let listener = TcpListener::bind(address)
        .map_err(|why| format!("port {}: {why}; choose another with --port", args.port))?;
    let address = listener.local_addr().map_err(|why| why.to_string())?;
    drop(listener);
    println!("{} · {} · http://{address}", entry.name(), select::bounds(&entry, &params));
    println!("an interrupt (Ctrl-C twice) ends it");
    entry.model.explore(&params, args.bug.as_deref(), address).map_err(|why| why.to_string())?;
    Ok(Exit::Holds)
}
