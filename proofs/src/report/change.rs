//! What changed between two states.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One field that differs between two states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The field: names and indices joined by dots, as in `node.2.durable.vote`.
    pub path: String,
    /// The value before, if the field was there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Value>,
    /// The value after, if the field is there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Value>,
}

/// The fields in which two states differ, in the order of the states' own fields.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    walk("", before, after, &mut found);
    found
}

fn walk(path: &str, before: &Value, after: &Value, found: &mut Vec<Change>) {
    if before == after {
        return;
    }
    let join = |key: &str| match path {
        "" => key.to_owned(),
        _ => format!("{path}.{key}"),
    };
    match (before, after) {
        // One field is a variant of an enum, which is the same only if its name is.
        (Value::Object(old), Value::Object(new))
            if old.keys().eq(new.keys()) || (old.len() > 1 && new.len() > 1) =>
        {
            let added = new.keys().filter(|key| !old.contains_key(*key));
            for key in old.keys().chain(added) {
                let (old, new) = (old.get(key), new.get(key));
                walk(&join(key), old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null), found);
            }
        }
        // Arrays of one length are indexed (nodes, threads); others are sets or queues.
        (Value::Array(old), Value::Array(new))
            if old.len() == new.len() && !old.iter().all(Value::is_number) =>
        {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                walk(&join(&index.to_string()), old, new, found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() != new.len() => {
            let gone = old.iter().filter(|item| !new.contains(item));
            let come = new.iter().filter(|item| !old.contains(item));
            let count = found.len();
            found.extend(gone.map(|item| Change {
                path: path.to_owned(),
                before: Some(item.clone()),
                after: None,
            }));
            found.extend(come.map(|item| Change {
                path: path.to_owned(),
                before: None,
                after: Some(item.clone()),
            }));
            if found.len() == count {
                found.push(replaced(path, before, after));
            }
        }
        _ => found.push(replaced(path, before, after)),
    }
}

fn replaced(path: &str, before: &Value, after: &Value) -> Change {
    Change { path: path.to_owned(), before: Some(before.clone()), after: Some(after.clone()) }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (None, Some(after)) => write!(f, "{} +{}", self.path, brief(after)),
            (Some(before), None) => write!(f, "{} -{}", self.path, brief(before)),
            (Some(before), Some(after)) => {
                write!(f, "{}: {}→{}", self.path, brief(before), brief(after))
            }
            (None, None) => f.write_str(&self.path),
        }
    }
}

/// A JSON value in few characters: no quotes, `–` for null, `Name(fields)` for a variant.
pub(crate) fn brief(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(brief).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) if fields.len() == 1 => {
            let (name, inner) = fields.iter().next().expect("the object has one field");
            match inner {
                Value::Object(inner) => format!("{name}({})", pairs(inner)),
                Value::Array(items) => {
                    let items: Vec<_> = items.iter().map(brief).collect();
                    format!("{name}({})", items.join(","))
                }
                other => format!("{name}({})", brief(other)),
            }
        }
        Value::Object(fields) => format!("{{{}}}", pairs(fields)),
        other => other.to_string(),
    }
}

fn pairs(fields: &serde_json::Map<String, Value>) -> String {
    let pairs: Vec<_> = fields.iter().map(|(k, v)| format!("{k}={}", brief(v))).collect();
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::changes;
    use serde_json::json;

    fn told(before: serde_json::Value, after: serde_json::Value) -> Vec<String> {
        changes(&before, &after).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_are_walked_and_sets_are_compared_by_member() {
        let before = json!({ "node": [{ "vote": null }, { "vote": 1 }], "sent": [], "n": 1 });
        let after = json!({ "node": [{ "vote": 2 }, { "vote": 1 }], "sent": ["a"], "n": 1 });
        assert_eq!(told(before, after), ["node.0.vote: –→2", "sent +a"]);
    }

    #[test]
    fn a_variant_is_replaced_and_a_missing_field_is_null() {
        let before = json!({ "pc": { "Running": 1 }, "word": 0 });
        let after = json!({ "pc": { "Done": 1 }, "word": 0, "memory": 3 });
        assert_eq!(told(before, after), ["pc: Running(1)→Done(1)", "memory: –→3"]);
    }

    #[test]
    fn nothing_changes_between_equal_states() {
        assert_eq!(changes(&json!([1, 2]), &json!([1, 2])), []);
    }
}
