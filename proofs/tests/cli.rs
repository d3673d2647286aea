//! The command line as a user meets it: exit codes, one-line errors, traces that replay.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs `bisim` in a folder of the test's own, where it may write traces.
fn bisim(folder: &Path, args: &str) -> Output {
    command(folder, args).output().expect("the binary runs")
}

fn command(folder: &Path, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bisim"));
    command.args(args.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

fn exit(output: &Output) -> i32 {
    output.status.code().expect("the process ends by itself")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn wrong_usage_is_one_clear_line() {
    let folder = folder("usage");
    std::fs::write(folder.join("damaged.json"), "{\"schema\": 1, \"tar").expect("written");
    std::fs::write(folder.join("other.json"), "{\"schema\": 1}").expect("written");
    for (args, says) in [
        ("check paxos --set acceptors=banana", "acceptors is a whole number from 1"),
        ("check paxos --set acceptors=999", "acceptors is a whole number from 1"),
        ("check paxos --set acceptors=-1", "acceptors is a whole number from 1"),
        ("check paxos --set nosuch=1", "its parameters: acceptors"),
        ("check paxos --set acceptors", "write NAME=VALUE"),
        ("check counter --set goroutines=12 --set increments=100", "must be at most 10^8"),
        ("check nosuch", "unknown target nosuch: valid are all, "),
        ("check", "required"),
        ("check paxos --workers 0", "0 is not in 1..=64"),
        ("check paxos --workers many", "invalid digit"),
        ("check paxos --max-states 0", "0 is not in 1.."),
        ("check paxos --bug paxos/nosuch", "bugs of the model paxos: paxos/"),
        ("check paxos --preset huge", "quick, standard, deep"),
        ("check paxos --engine tlc", "stateright-bfs"),
        ("conform consensus", "a model without an implementation"),
        ("conform mutex --exhaustive", "--exhaustive is for protocols"),
        ("conform paxos --weaken", "--weaken is for shared memory"),
        ("check counter --bug counter/lost-update --engine stateright-bfs", "the engine bisim"),
        ("bugs nosuch", "unknown target nosuch"),
        ("bugs counter --preset deep", "[possible values: quick, standard]"),
        ("bugs consensus", "no bug is seeded there"),
        ("check mutex --bug lock/relaxed-unlock", "run `bisim bugs mutex`"),
        ("check counter mutex --bug counter/no-wait-group", "unknown bug counter/no-wait-group"),
        ("check counter --set =3", "write NAME=VALUE"),
        ("check counter --set goroutines=2 --set goroutines=3", "goroutines is set twice"),
        ("simulate nosuch", "unknown target nosuch"),
        ("simulate paxos", "simulate takes raft"),
        ("simulate raft --nodes 0", "0 is not in 1..=15"),
        ("simulate raft --seeds 0", "0 is not in 1.."),
        ("explore nosuch", "unknown target nosuch"),
        ("replay nosuch.json", "nosuch.json: No such file"),
        ("replay .", "Is a directory"),
        ("replay damaged.json", "damaged.json: not a bisim trace"),
        ("replay other.json", "other.json: not a bisim trace: missing field"),
        ("frobnicate", "unrecognized subcommand"),
    ] {
        let output = bisim(&folder, args);
        let said = stderr(&output);
        assert_eq!(exit(&output), 1, "{args}: {said}");
        assert!(said.contains(says), "{args} says: {said}");
        assert_eq!(said.lines().count(), 1, "{args} says: {said}");
        assert!(output.stdout.is_empty(), "{args} prints a result: {}", stdout(&output));
    }
}

#[test]
fn a_busy_port_is_one_clear_line() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    let port = taken.local_addr().expect("it is bound").port();
    let output = bisim(&folder("port"), &format!("explore counter --port {port}"));
    assert_eq!(exit(&output), 1);
    assert_eq!(stderr(&output).lines().count(), 1);
    assert!(stderr(&output).contains("choose another with --port"), "{}", stderr(&output));
}

#[test]
fn the_explorer_serves_a_model() {
    let folder = folder("explore");
    let mut child = command(&folder, "explore counter --port 0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let first = lines.next().expect("it says where").expect("it is text");
    let address = first.split("http://").nth(1).expect("it names its address").to_owned();
    let mut answer = String::new();
    // The server starts after the line was printed.
    for _ in 0..100 {
        if let Ok(mut stream) = std::net::TcpStream::connect(&address) {
            use std::io::{Read as _, Write as _};
            write!(stream, "GET /.states/ HTTP/1.0\r\n\r\n").expect("it is connected");
            stream.read_to_string(&mut answer).expect("it answers");
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(answer.contains("wait_group"), "{answer}");
}

#[test]
fn a_cut_search_is_truncated() {
    let folder = folder("truncated");
    for workers in [1, 2] {
        let args = format!("check counter --preset quick --workers {workers} --max-states");
        assert_eq!(exit(&bisim(&folder, &format!("{args} 41"))), 4);
        assert_eq!(exit(&bisim(&folder, &format!("{args} 42"))), 0);
        assert_eq!(exit(&bisim(&folder, &format!("{args} 43"))), 0);
    }
    let shallow = bisim(&folder, "check counter --preset quick --max-depth 11");
    assert_eq!(exit(&shallow), 4, "{}", stdout(&shallow));
    assert_eq!(exit(&bisim(&folder, "check counter --preset quick --max-depth 12")), 0);
}

#[test]
fn what_never_happens_is_vacuous() {
    // One thread never waits for another.
    let output = bisim(&folder("vacuous"), "check mutex --set threads=1");
    assert_eq!(exit(&output), 3, "{}", stdout(&output));
    assert!(stdout(&output).contains("vacuous"));
}

#[test]
fn an_interrupt_ends_with_a_partial_verdict() {
    let folder = folder("interrupt");
    let child = command(&folder, "check two-phase-commit --preset deep --json")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(exit(&output), 130);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let result = &report["results"][0];
    assert_eq!(result["verdict"], "truncated");
    assert_eq!(result["complete"], false);
    assert!(result["distinct"].as_u64().expect("a count") > 0);
}

#[test]
fn the_json_of_a_violation_holds_its_story() {
    let folder = folder("json");
    let output = bisim(&folder, "check counter --bug counter/no-wait-group --json");
    assert_eq!(exit(&output), 2);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(report["schema"], 1);
    let property = &report["results"][0]["properties"][0];
    assert_eq!(property["verdict"], "violated");
    let stem = property["story"]["stem"].as_array().expect("a list of steps");
    // The loop, and a print before anybody has counted.
    let goroutines = report["results"][0]["params"]["goroutines"].as_u64().expect("a count");
    assert_eq!(stem.len() as u64, goroutines + 1);
    assert_eq!(stem[0]["action"], "Go");
    assert_eq!(stem.last().expect("it has steps")["state"]["main"]["Printed"], 0);
}

#[test]
fn every_story_of_a_bug_replays_to_its_verdict() {
    let folder = folder("bugs");
    let output = bisim(&folder, "bugs --preset quick --json");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let bugs = report["results"].as_array().expect("a list of bugs");
    let missed: Vec<_> = bugs.iter().filter(|bug| bug["verdict"] == "missed").collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(exit(&output), 0);
    let mut replayed = 0;
    for bug in bugs {
        for hunt in bug["hunts"].as_array().expect("a list of hunts") {
            let Some(file) = hunt["trace"].as_str() else { continue };
            let output = bisim(&folder, &format!("replay {file}"));
            assert_eq!(exit(&output), 2, "{file}: {}{}", stdout(&output), stderr(&output));
            assert!(stdout(&output).contains("as recorded"), "{file}: {}", stdout(&output));
            replayed += 1;
        }
    }
    assert!(replayed > 1, "some bug has a story");
}

#[test]
fn a_trace_of_a_changed_model_no_longer_applies() {
    let folder = folder("stale");
    assert_eq!(exit(&bisim(&folder, "check counter --bug counter/no-wait-group")), 2);
    let text = std::fs::read_to_string(folder.join("out/counter-no-wait-group.json"));
    let text = text.expect("the violation left a trace");
    let changed = |from: &str, to: &str| {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "the trace has {from}");
        std::fs::write(folder.join("changed.json"), other).expect("written");
        bisim(&folder, "replay changed.json")
    };
    for (from, to, says) in [
        ("\"Print\"", "\"Wait\"", "no longer enabled"),
        ("\"Print\"", "\"Shout\"", "is not of this model"),
        ("\"Print\"", "{ \"Inc\": 200 }", "no longer enabled"),
        ("\"Printed\": 0", "\"Printed\": 1", "another state"),
        ("prints the number", "prints a number", "no property"),
        ("\"increments\": 1", "\"rounds\": 1", "parameters of counter are now"),
        ("\"increments\": 1", "\"increments\": 101", "from 1 to 100"),
        ("\"verdict\": \"violated\"", "\"verdict\": \"holds\"", "was holds, and is now violated"),
        ("counter/no-wait-group", "counter/gone", "bugs of the model counter"),
    ] {
        let output = changed(from, to);
        assert_eq!(exit(&output), 6, "{to}: {}{}", stdout(&output), stderr(&output));
        assert!(stderr(&output).contains(says), "{to}: {}", stderr(&output));
    }
}

#[test]
fn the_story_of_the_readme_is_what_the_command_prints() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README is there");
    let story = readme.split("$ cargo run --release -- ").nth(1).expect("it shows a command");
    let story = story.split("```").next().expect("the block ends");
    let (args, story) = story.split_once('\n').expect("the command has its line");
    let output = bisim(&folder("readme"), args);
    assert_eq!(exit(&output), 2);
    for line in story.lines().filter(|line| *line != "…") {
        assert!(stdout(&output).contains(line), "`bisim {args}` does not print {line}");
    }
}

#[test]
fn the_list_names_every_target_with_its_parameters() {
    let folder = folder("list");
    let text = stdout(&bisim(&folder, "list"));
    let output = bisim(&folder, "list --json");
    let list: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    for target in list["targets"].as_array().expect("a list of targets") {
        let name = target["target"].as_str().expect("a name");
        assert!(text.contains(&format!("{name}: ")), "{name}");
        for parameter in target["parameters"].as_array().expect("a list of parameters") {
            assert!(text.contains(parameter["name"].as_str().expect("a name")));
        }
    }
}
