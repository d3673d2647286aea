//! A story as text: one column per thread, node or client, and what changed beside it.

use std::fmt::Write as _;

use crate::report::{StoryDoc, StoryStep};

/// The widest line.
const WIDTH: usize = 100;
/// The narrowest column for what changed; a story with less room puts it on lines of its own.
const CHANGES: usize = 32;

/// What stands between the path and what goes on for ever.
const AGAIN: &str = "      … and then again and again:\n";
/// What stands after the path if its last state stays.
const STAYS: &str = "      … and then for ever the same state\n";

/// The story with a mark at its last step.
pub(super) fn render(story: &StoryDoc, mark: &str) -> String {
    let steps = || story.stem.iter().chain(&story.cycle);
    let acting: Vec<usize> = (0..story.lanes.len())
        .filter(|&lane| steps().any(|step| step.lane == Some(lane)))
        .collect();
    let width = |lane: usize| {
        let titles = steps().filter(|step| step.lane == Some(lane));
        let widest = titles.map(|step| step.title().chars().count()).max().unwrap_or(0);
        widest.max(story.lanes[lane].chars().count()) + 2
    };
    let widths: Vec<usize> = acting.iter().map(|&lane| width(lane)).collect();
    let lanes_width: usize = widths.iter().sum();
    if acting.is_empty() || lanes_width + 6 > WIDTH {
        return list(story, mark);
    }
    let mut text = String::from("      ");
    for (&lane, width) in acting.iter().zip(&widths) {
        pad(&mut text, &story.lanes[lane], *width);
    }
    text = text.trim_end().to_owned() + "\n";
    let beside = lanes_width + 6 + CHANGES <= WIDTH;
    for (index, step) in steps().enumerate() {
        if index == story.stem.len() {
            text.push_str(AGAIN);
        }
        let mut line = format!("{:>4}  ", index + 1);
        for (&lane, width) in acting.iter().zip(&widths) {
            let title = if step.lane == Some(lane) { step.title() } else { "│".to_owned() };
            pad(&mut line, &title, *width);
        }
        if step.lane.is_none() {
            let _ = write!(line, "{}  ", step.title());
        }
        let last = index + 1 == story.len();
        append_changes(&mut text, line, step, beside, if last { mark } else { "" });
    }
    if story.stays {
        text.push_str(STAYS);
    }
    text
}

/// Without lanes, or with too many: one action a line, changes below it.
fn list(story: &StoryDoc, mark: &str) -> String {
    let mut text = String::new();
    for (index, step) in story.stem.iter().chain(&story.cycle).enumerate() {
        if index == story.stem.len() {
            text.push_str(AGAIN);
        }
        let lane = step.lane.map(|lane| format!("{}: ", story.lanes[lane])).unwrap_or_default();
        let line = format!("{:>4}  {lane}{}  ", index + 1, step.title());
        let last = index + 1 == story.len();
        append_changes(&mut text, line, step, false, if last { mark } else { "" });
    }
    if story.stays {
        text.push_str(STAYS);
    }
    text
}

fn append_changes(text: &mut String, line: String, step: &StoryStep, beside: bool, mark: &str) {
    let indent = if beside { line.chars().count() } else { 10 };
    let mut line = line;
    if !beside && !step.changed.is_empty() {
        text.push_str(&fold(line.trim_end(), indent - 2));
        text.push('\n');
        line = " ".repeat(indent);
    }
    for (index, change) in step.changed.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let mut change = change.to_string();
        if index > 0 && line.chars().count() + 2 + change.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            text.push_str(",\n");
            line = " ".repeat(indent);
        } else {
            line.push_str(comma);
        }
        // One change may be longer than a line: nothing is cut, it goes on below.
        loop {
            let room = WIDTH - line.chars().count().min(WIDTH - 1);
            let Some(end) = end_of_line(&change, room) else { break };
            text.push_str((line + &change[..end]).trim_end());
            text.push('\n');
            change.drain(..end);
            line = " ".repeat(indent.min(WIDTH / 2) + 2);
        }
        line.push_str(&change);
    }
    if !mark.is_empty() {
        line = line.trim_end().to_owned() + "  " + mark;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// Where to end a line that has room for this many characters, if the text has more: after the
/// last space or comma, and within a word only if it fills a line by itself.
fn end_of_line(text: &str, room: usize) -> Option<usize> {
    let (end, _) = text.char_indices().nth(room)?;
    let first_word = text.len() - text.trim_start().len();
    let between = text[..end].rfind([' ', ',']).map(|last| last + 1);
    Some(between.filter(|&between| between > first_word).unwrap_or(end))
}

/// A text on lines of the width of a story, all but the first of them indented.
pub(super) fn fold(text: &str, indent: usize) -> String {
    let (mut folded, mut rest) = (String::new(), text.to_owned());
    while let Some(end) = end_of_line(&rest, WIDTH) {
        folded.push_str(rest[..end].trim_end());
        folded.push('\n');
        rest = " ".repeat(indent) + rest[end..].trim_start();
    }
    folded + &rest
}

fn pad(line: &mut String, word: &str, width: usize) {
    line.push_str(word);
    line.extend(std::iter::repeat_n(' ', width.saturating_sub(word.chars().count())));
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, fold, render};
    use crate::report::{Change, StoryDoc, StoryStep};
    use serde_json::json;

    fn story(lanes: usize, change: &str) -> StoryDoc {
        let step = |lane| StoryStep {
            action: json!({ "Send": { "to": 1 } }),
            lane: Some(lane),
            state: json!({}),
            changed: vec![Change { path: change.to_owned(), before: None, after: Some(json!(1)) }],
        };
        StoryDoc {
            lanes: (0..lanes).map(|lane| format!("node {lane}")).collect(),
            initial: json!({}),
            stem: (0..lanes).map(step).collect(),
            cycle: Vec::new(),
            stays: false,
        }
    }

    #[test]
    fn each_lane_is_a_column_and_the_mark_is_last() {
        let text = render(&story(2, "sent"), "✗");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "      node 0      node 1");
        assert_eq!(lines[1], "   1  Send(to=1)  │           sent +1");
        assert_eq!(lines[2], "   2  │           Send(to=1)  sent +1  ✗");
    }

    #[test]
    fn what_goes_on_for_ever_stands_apart() {
        let mut story = story(2, "sent");
        story.cycle = story.stem.split_off(1);
        let text = render(&story, "✗");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[2], "      … and then again and again:");
        assert_eq!(lines[3], "   2  │           Send(to=1)  sent +1  ✗");
        story.cycle.clear();
        story.stays = true;
        for lanes in [story.lanes.clone(), Vec::new()] {
            story.lanes = lanes;
            let text = render(&story, "✗");
            assert!(text.ends_with("✗\n      … and then for ever the same state\n"), "{text}");
            story.stem[0].lane = None;
        }
    }

    #[test]
    fn a_long_change_is_broken_between_words() {
        let change = ["RequestVote(term=1,last=2) "; 12].concat();
        let text = render(&story(2, change.trim_end()), "✗");
        assert!(text.lines().count() > 6, "{text}");
        let ends = [',', ')', '1', '✗'];
        assert!(text.lines().all(|line| line.ends_with(ends)), "{text}");
    }

    #[test]
    fn a_long_text_is_folded_between_words() {
        let words = ["Receive(m=Request(term=1"; 9].join(", ");
        for text in [words.clone(), "y".repeat(250), format!("{} {words}", "y".repeat(120))] {
            let folded = fold(&text, 4);
            assert!(folded.lines().all(|line| line.chars().count() <= WIDTH), "{folded}");
            assert!(folded.lines().skip(1).all(|line| line.starts_with("    ")), "{folded}");
            let without = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(without(&folded), without(&text));
            assert_eq!(
                folded.matches("Receive(m=Request(term=1").count(),
                text.matches("Rec").count()
            );
        }
    }

    #[test]
    fn many_lanes_and_long_changes_stay_within_the_width() {
        for lanes in [2, 5, 30] {
            let text = render(&story(lanes, &"x".repeat(300)), "✗");
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 3), "{text}");
            assert_eq!(text.matches('x').count(), 300 * lanes);
        }
    }
}
