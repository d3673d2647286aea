//! The known bugs of Raft whose subject is not here yet: snapshots, reads, changes of membership.

use crate::registry::Deferred;

/// The rows of the catalogue that wait.
pub(super) const DEFERRED: [Deferred; 15] = [
    Deferred {
        row: "T14",
        title: "an entry before the new ones that was purged is taken for a conflict",
        source: "databendlabs/openraft 511",
        with: "snapshots",
        reason: "no entry is ever purged",
    },
    Deferred {
        row: "T16",
        title: "a leader answers a read without asking a majority",
        source: "etcd-io/etcd 741; deventlab/d-engine 381",
        with: "reads",
        reason: "a read is a command, which goes through the log",
    },
    Deferred {
        row: "T17",
        title: "a read index is taken before a commit in the leader's term",
        source: "etcd-io/etcd 7331",
        with: "reads",
        reason: "there is no read index",
    },
    Deferred {
        row: "T18",
        title: "answers to earlier heartbeats confirm a read index",
        source: "etcd-io/etcd 20418",
        with: "reads",
        reason: "there is no read index",
    },
    Deferred {
        row: "T19",
        title: "a leader reads by its lease after a pause of its process",
        source: "etcd-io/etcd 20418; Ongaro, dissertation, 6.4.1",
        with: "reads",
        reason: "no read relies on the lease, which only makes a leader step down",
    },
    Deferred {
        row: "T20",
        title: "a server is added or removed before a commit in the leader's term",
        source: "raft-dev 2015; atomix/copycat 23; Vanlightly/raft-tlaplus: IncludeThesisBug",
        with: "membership",
        reason: "the members are the same for ever",
    },
    Deferred {
        row: "T21",
        title: "members change when the change is applied, not when it is in the log",
        source: "etcd-io/raft PR 469; etcd-io/etcd 7625",
        with: "membership",
        reason: "the members are the same for ever",
    },
    Deferred {
        row: "T22",
        title: "a change begins while another one is not committed",
        source: "Ongaro, dissertation, 4.1",
        with: "membership",
        reason: "the members are the same for ever",
    },
    Deferred {
        row: "T23",
        title: "in joint consensus a majority of the new members is enough",
        source: "Ongaro, dissertation, 4.3",
        with: "membership",
        reason: "the members are the same for ever",
    },
    Deferred {
        row: "T24",
        title: "joint changes that run at the same time mix",
        source: "databendlabs/openraft, documentation before April 2025",
        with: "membership",
        reason: "the members are the same for ever",
    },
    Deferred {
        row: "T25",
        title: "a snapshot that is older than the log truncates it",
        source: "camunda/camunda 6092",
        with: "snapshots",
        reason: "there are no snapshots",
    },
    Deferred {
        row: "T26",
        title: "a snapshot is installed below what is applied, or while it is being applied",
        source: "eBay/NuRaft PR 407; RedisLabs/raft 49",
        with: "snapshots",
        reason: "there are no snapshots",
    },
    Deferred {
        row: "T27",
        title: "a crash between snapshot and truncation leaves a log that does not fit",
        source: "camunda/camunda PR 4900",
        with: "snapshots",
        reason: "there are no snapshots",
    },
    Deferred {
        row: "T33",
        title: "a server without a vote counts in a majority",
        source: "etcd-io/etcd 21178",
        with: "membership",
        reason: "every server has a vote",
    },
    Deferred {
        row: "T34",
        title: "a snapshot makes applied what does not match the leader's log",
        source: "scylladb/scylladb 9965",
        with: "snapshots",
        reason: "there are no snapshots",
    },
];
