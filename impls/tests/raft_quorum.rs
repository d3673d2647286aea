//! The quorum rules of Raft, against the data that etcd-io/raft tests its own with
//! (`quorum/testdata`, Apache-2.0; the licence is beside the data).

use std::fmt;

use bisim::raft::LogIndex;
use bisim::raft::quorum::{VoteResult, stored_by_majority, vote_result};

/// A question: the ids of the members, and what is known of each.
#[derive(Debug, PartialEq)]
struct Case {
    line: usize,
    question: Question,
    answer: String,
}

#[derive(Debug, PartialEq)]
enum Question {
    /// Up to where is the log committed? `_` is 0: nothing is known.
    Committed(Vec<LogIndex>),
    /// How does the election stand?
    Vote(Vec<Option<bool>>),
}

/// What is wrong with the data, and in which line.
#[derive(Debug, PartialEq)]
struct Malformed {
    line: usize,
    why: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// Reads cases: a command with arguments, a line `----`, and the expected output up to a blank
/// line, whose last line holds the answer. Lines that begin with `#` are comments.
fn parse(text: &str) -> Result<Vec<Case>, Malformed> {
    let mut lines = (1..).zip(text.lines());
    let mut cases = Vec::new();
    while let Some((line, command)) = lines.next() {
        if command.trim().is_empty() || command.starts_with('#') {
            continue;
        }
        let wrong = |why: String| Malformed { line, why };
        let question = question(command).map_err(wrong)?;
        match lines.next() {
            Some((_, "----")) => {}
            _ => return Err(wrong("the command is not followed by ----".to_owned())),
        }
        let output = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.is_empty());
        let answer = output.last().ok_or_else(|| wrong("there is no answer".to_owned()))?;
        let answer = answer.trim_start_matches("<empty majority quorum>").to_owned();
        cases.push(Case { line, question, answer });
    }
    Ok(cases)
}

fn question(command: &str) -> Result<Question, String> {
    let (name, arguments) = command.split_once(' ').unwrap_or((command, ""));
    let (mut members, mut values) = (Vec::new(), None);
    for argument in arguments.split_inclusive(')') {
        let argument = argument.trim();
        if argument.is_empty() {
            continue;
        }
        let list = argument.strip_suffix(')').and_then(|rest| rest.split_once("=("));
        let (key, list) = list.ok_or_else(|| format!("{argument} is not name=(list)"))?;
        let list: Vec<&str> =
            list.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
        match key {
            "cfg" => members = list,
            "idx" | "votes" => values = Some((key, list)),
            "cfgj" => return Err("joint configurations are not known here".to_owned()),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    for (place, member) in members.iter().enumerate() {
        member.parse::<u64>().map_err(|_| format!("{member} is no id"))?;
        if members[..place].contains(member) {
            return Err(format!("member {member} is there twice"));
        }
    }
    let (key, values) = values.unwrap_or((if name == "vote" { "votes" } else { "idx" }, vec![]));
    if values.len() != members.len() {
        return Err(format!("{} members and {} values", members.len(), values.len()));
    }
    let values = values.iter();
    match (name, key) {
        ("committed", "idx") => {
            let index = |value: &&str| match *value {
                "_" => Ok(LogIndex(0)),
                value => value.parse().map(LogIndex).map_err(|_| format!("{value} is no index")),
            };
            Ok(Question::Committed(values.map(index).collect::<Result<_, _>>()?))
        }
        ("vote", "votes") => {
            let vote = |value: &&str| match *value {
                "_" => Ok(None),
                "y" => Ok(Some(true)),
                "n" => Ok(Some(false)),
                value => Err(format!("{value} is no vote")),
            };
            Ok(Question::Vote(values.map(vote).collect::<Result<_, _>>()?))
        }
        _ => Err(format!("{name} with {key} is no question")),
    }
}

fn answer(question: &Question) -> String {
    match question {
        Question::Committed(matches) => match stored_by_majority(matches.iter().copied()) {
            None => "∞".to_owned(),
            Some(index) => index.0.to_string(),
        },
        Question::Vote(votes) => match vote_result(votes.iter().copied()) {
            VoteResult::Pending => "VotePending".to_owned(),
            VoteResult::Won => "VoteWon".to_owned(),
            VoteResult::Lost => "VoteLost".to_owned(),
        },
    }
}

fn check(text: &str) {
    let cases = parse(text).unwrap_or_else(|why| panic!("{why}"));
    assert!(cases.len() > 10, "there are {} cases", cases.len());
    for Case { line, question, answer: expected } in cases {
        assert_eq!(answer(&question), expected, "line {line}: {question:?}");
        // The order of the members must not matter.
        let reversed = match question {
            Question::Committed(mut matches) => {
                matches.reverse();
                Question::Committed(matches)
            }
            Question::Vote(mut votes) => {
                votes.reverse();
                Question::Vote(votes)
            }
        };
        assert_eq!(answer(&reversed), expected, "line {line}, reversed");
    }
}

#[test]
fn committed_indices_are_those_of_etcd() {
    check(include_str!("data/raft-quorum/majority_commit.txt"));
}

#[test]
fn vote_results_are_those_of_etcd() {
    check(include_str!("data/raft-quorum/majority_vote.txt"));
}

#[test]
fn damaged_data_is_refused_with_its_line() {
    let cases = [
        ("\ncommitted cfg=(1,2) idx=(3)\n----\n3\n", 2, "2 members and 1 values"),
        ("committed cfg=(1) idx=(x)\n----\n3\n", 1, "x is no index"),
        ("vote cfg=(1) votes=(5)\n----\nVoteWon\n", 1, "5 is no vote"),
        ("vote cfg=(1,1) votes=(y,y)\n----\nVoteWon\n", 1, "member 1 is there twice"),
        ("vote cfg=(a) votes=(y)\n----\nVoteWon\n", 1, "a is no id"),
        ("# one\nvote cfg=(1) votes=(y)\nVoteWon\n", 2, "the command is not followed by ----"),
        ("vote cfg=(1) votes=(y)\n----\n\n", 1, "there is no answer"),
        ("vote cfg=(1) cfgj=(2) votes=(y)\n", 1, "joint configurations are not known here"),
        ("vote cfg=(1) hats=(2)\n", 1, "unknown argument hats"),
        ("vote cfg=1\n", 1, "cfg=1 is not name=(list)"),
        ("committed cfg=(1) votes=(y)\n", 1, "committed with votes is no question"),
    ];
    for (text, line, why) in cases {
        let malformed = Malformed { line, why: why.to_owned() };
        assert_eq!(parse(text), Err(malformed), "{text}");
    }
}
