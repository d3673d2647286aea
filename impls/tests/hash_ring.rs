//! The laws of the hash rings, on random members and keys, over small spaces full of collisions
//! and over the whole circle.

use std::collections::{BTreeMap, BTreeSet};

use bisim::hash_ring::{
    BoundedLoad, Change, HashRing, LoadFactor, Member, Rendezvous, RingHash, WyHash, places,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The default hash with only the first bits left: collisions everywhere.
#[derive(Clone, Debug, PartialEq)]
struct Coarse(u32);

impl RingHash for Coarse {
    fn hash(&self, bytes: &[u8]) -> u64 {
        let hash = WyHash::default().hash(bytes);
        if self.0 == 0 { 0 } else { hash & u64::MAX << (64 - self.0) }
    }
}

/// The same with only the last bits left: everything in one corner of the circle.
#[derive(Clone, Debug, PartialEq)]
struct Corner(u32);

impl RingHash for Corner {
    fn hash(&self, bytes: &[u8]) -> u64 {
        WyHash::default().hash(bytes) & ((1 << self.0) - 1)
    }
}

type Membership = BTreeMap<String, u32>;

/// A history of the membership: each step makes a node a member of some weight, or removes it.
fn histories() -> impl Strategy<Value = Vec<(String, Option<u32>)>> {
    let names = select(vec!["a", "b", "c", "d", "e", "", "aa"]).prop_map(str::to_owned);
    vec((names, proptest::option::weighted(0.7, 0_u32..4)), 0..24)
}

fn rings() -> impl Strategy<Value = HashRing<String, Coarse>> {
    (select(vec![0_u32, 1, 3, 5, 10, 64]), 0_u32..6)
        .prop_map(|(bits, virtual_nodes)| HashRing::with(Coarse(bits), virtual_nodes))
}

/// What the ring must be, said plainly.
fn points<'a>(
    hash: &impl RingHash,
    virtual_nodes: u32,
    members: &'a Membership,
) -> Vec<(u64, &'a str, u32)> {
    let mut points = Vec::new();
    for (name, weight) in members {
        let replicas = 0..weight * virtual_nodes;
        let places = places(hash, name.as_bytes(), replicas.clone());
        points.extend(places.zip(replicas).map(|(place, replica)| (place, &name[..], replica)));
    }
    points.sort();
    points
}

fn owner<'a>(points: &[(u64, &'a str, u32)], hash: u64) -> Option<&'a str> {
    let next = points.iter().find(|(place, ..)| *place >= hash).or(points.first());
    next.map(|(_, name, _)| *name)
}

/// Places to look at: all points, and what is just before and behind them.
fn probes(ring: &HashRing<String, impl RingHash>) -> Vec<u64> {
    let near = ring.points().flat_map(|(at, ..)| [at, at.wrapping_add(1), at.wrapping_sub(1)]);
    near.chain([0, u64::MAX, 1 << 63]).collect()
}

proptest! {
    /// Whatever the order of changes, one by one or at once: equal members, equal rings.
    #[test]
    fn a_ring_is_a_function_of_its_members(empty in rings(), history in histories()) {
        let (mut one_by_one, mut members) = (empty.clone(), Membership::new());
        for (name, weight) in &history {
            let before = members.get(name).copied();
            match weight {
                Some(weight) => {
                    prop_assert_eq!(one_by_one.insert(name.clone(), *weight), Ok(before));
                    members.insert(name.clone(), *weight);
                }
                None => {
                    prop_assert_eq!(one_by_one.remove(name), before);
                    members.remove(name);
                }
            }
        }
        let change = |(name, weight): &(String, Option<u32>)| match *weight {
            Some(weight) => Change::Set(Member { name: name.clone(), weight }),
            None => Change::Remove(name.clone()),
        };
        let mut at_once = empty.clone();
        at_once.change(history.iter().map(change)).unwrap();
        prop_assert_eq!(&one_by_one, &at_once);
        let mut backwards = empty.clone();
        for (name, weight) in members.iter().rev() {
            backwards.insert(name.clone(), *weight).unwrap();
        }
        prop_assert_eq!(&one_by_one, &backwards);
        let expected = points(empty.hash(), empty.virtual_nodes(), &members);
        let found: Vec<_> = one_by_one.points().map(|(at, name, r)| (at, &name[..], r)).collect();
        prop_assert_eq!(&found, &expected);
        for probe in probes(&one_by_one) {
            let found = one_by_one.node_at(probe).map(String::as_str);
            prop_assert_eq!(found, owner(&expected, probe));
        }
    }

    /// Replicas are distinct nodes in the order in which the ring has them, the owner first.
    #[test]
    fn replicas_are_distinct_nodes(mut ring in rings(), history in histories(), key: u64) {
        ring.change(history.into_iter().map(|(name, weight)| {
            Change::Set(Member { name, weight: weight.unwrap_or(1) })
        })).unwrap();
        let replicas: Vec<_> = ring.replicas_at(key).collect();
        prop_assert_eq!(replicas.len(), ring.live());
        prop_assert_eq!(ring.replicas_at(key).len(), ring.live());
        prop_assert_eq!(replicas.iter().collect::<BTreeSet<_>>().len(), ring.live());
        prop_assert_eq!(replicas.first().copied(), ring.node_at(key));
        for (nth, replica) in replicas.iter().enumerate() {
            let mut without = ring.clone();
            replicas[..nth].iter().for_each(|name| _ = without.remove(name));
            prop_assert_eq!(without.node_at(key), Some(*replica));
        }
    }

    /// A change of one node moves keys only to it or from it, and the difference of the two rings
    /// says exactly which.
    #[test]
    fn only_the_changed_nodes_keys_move(
        mut ring in rings(), history in histories(), name in select(vec!["a", "c", "new"]),
        weight in proptest::option::of(0_u32..4),
    ) {
        ring.change(history.into_iter().map(|(name, weight)| {
            Change::Set(Member { name, weight: weight.unwrap_or(1) })
        })).unwrap();
        let mut next = ring.clone();
        match weight {
            Some(weight) => _ = next.insert(name.to_owned(), weight).unwrap(),
            None => _ = next.remove(name),
        }
        let (before, after) = (ring.weight(name).unwrap_or(0), weight.unwrap_or(0));
        for moved in ring.diff(&next) {
            let side = if after > before { moved.to } else { moved.from };
            prop_assert_eq!(side.map(String::as_str), Some(name));
        }
        let moved = ring.diff(&next);
        prop_assert!(moved.windows(2).all(|pair| pair[0].places.end() < pair[1].places.start()));
        for probe in probes(&ring).into_iter().chain(probes(&next)) {
            let owners = (ring.node_at(probe), next.node_at(probe));
            match moved.iter().find(|moved| moved.places.contains(&probe)) {
                Some(found) => prop_assert_eq!((found.from, found.to), owners),
                None => prop_assert_eq!(owners.0, owners.1),
            }
        }
        prop_assert!(ring.diff(&ring).is_empty());
    }

    /// Rendezvous hashing moves keys only to or from the changed node too.
    #[test]
    fn rendezvous_moves_only_the_changed_nodes_keys(
        history in histories(), name in select(vec!["a", "new"]),
        weight in proptest::option::of(0_u32..9),
    ) {
        let mut nodes = Rendezvous::default();
        for (name, weight) in history {
            nodes.insert(name, weight.unwrap_or(1));
        }
        let before = nodes.members().find(|m| m.name == name).map_or(0, |m| m.weight);
        let mut next = nodes.clone();
        match weight {
            Some(weight) => _ = next.insert(name.to_owned(), weight),
            None => _ = next.remove(name),
        }
        for key in 0_u32..200 {
            let [from, to] = [&nodes, &next].map(|nodes| nodes.node(key.to_le_bytes()));
            if from != to {
                let side = if weight.unwrap_or(0) > before { to } else { from };
                prop_assert_eq!(side.map(String::as_str), Some(name));
            }
        }
    }

    /// Whatever comes and goes, no node is overloaded, no key passes a node with room, and the
    /// placement is that of placing the same keys on the same nodes one after the other.
    #[test]
    fn bounded_loads_are_a_function_of_nodes_and_keys(
        bits in select(vec![2_u32, 4, 64]), factor in select(vec![1.0, 1.25, 2.0]),
        virtual_nodes in 1_u32..4,
        steps in vec((0_u8..10, 0_u32..24, 0_u32..4), 0..60),
    ) {
        let factor = LoadFactor::new(factor).unwrap();
        let empty = HashRing::with(Coarse(bits), virtual_nodes);
        let mut placed = BoundedLoad::new(empty, factor);
        let mut keys = BTreeSet::new();
        for (what, which, weight) in steps {
            match what {
                0 => _ = placed.insert_node(format!("n{}", which % 5), weight).unwrap(),
                1 => _ = placed.remove_node(format!("n{}", which % 5)),
                2..=6 => {
                    let key = format!("k{which}");
                    prop_assert_eq!(placed.insert(key.clone()), keys.insert(key));
                }
                _ => {
                    let key = format!("k{which}");
                    prop_assert_eq!(placed.remove(&key), keys.remove(&key));
                }
            }
            check_bounded(&placed, &keys)?;
        }
    }
}

type Placed = BoundedLoad<String, String, Coarse>;

fn check_bounded(placed: &Placed, keys: &BTreeSet<String>) -> Result<(), TestCaseError> {
    let mut afresh = BoundedLoad::new(placed.ring().clone(), placed.factor());
    keys.iter().for_each(|key| _ = afresh.insert(key.clone()));
    for key in keys {
        prop_assert_eq!(placed.node(key), afresh.node(key), "{}", key);
        prop_assert_eq!(placed.node(key).is_some(), placed.ring().live() > 0);
        let before = placed.ring().replicas(key).take_while(|node| Some(*node) != placed.node(key));
        for passed in before {
            prop_assert_eq!(placed.load(passed), placed.capacity(passed), "{} passed", key);
        }
    }
    let mut sum = 0;
    for member in placed.ring().members() {
        prop_assert!(placed.load(&member.name) <= placed.capacity(&member.name));
        sum += placed.load(&member.name);
    }
    prop_assert_eq!(sum, if placed.ring().live() > 0 { keys.len() } else { 0 });
    Ok(())
}

/// The definition of the placement, without what is kept from step to step.
#[test]
fn keys_have_their_choice_in_the_order_of_their_places() {
    let mut placed = BoundedLoad::new(
        HashRing::of((0..7).map(|n| format!("node {n}"))).unwrap(),
        LoadFactor::new(1.1).unwrap(),
    );
    let keys: Vec<_> = (0..500).map(|key| format!("key {key}")).collect();
    keys.iter().for_each(|key| assert!(placed.insert(key.clone())));
    let mut loads = BTreeMap::new();
    let mut in_order = keys.clone();
    in_order.sort_by_key(|key| WyHash::default().hash(key.as_bytes()));
    for key in &in_order {
        let room = |node: &&String| *loads.entry((*node).clone()).or_insert(0) < 79;
        let node = placed.ring().replicas(key).find(room).unwrap();
        *loads.get_mut(node).unwrap() += 1;
        assert_eq!(placed.node(key), Some(node), "{key}");
    }
    assert_eq!(placed.capacity("node 3"), 79, "ceil(1.1 * 500 / 7)");
    assert!(loads.values().any(|load| *load == 79), "somebody is full");
}

#[test]
fn nothing_panics_at_the_edges() {
    let mut ring = HashRing::<&str>::default();
    assert_eq!(ring.node("key"), None);
    assert_eq!(ring.replicas("key").count(), 0);
    assert_eq!(ring.remove("nobody"), None);
    assert!(ring.diff(&ring).is_empty());
    // A weight of 0: a member that owns nothing.
    assert_eq!(ring.insert("idle", 0), Ok(None));
    assert_eq!((ring.node("key"), ring.members().len(), ring.live()), (None, 1, 0));
    // One node owns everything, and whatever moves comes from nobody.
    let before = ring.clone();
    assert_eq!(ring.insert("one", 1), Ok(None));
    assert_eq!(ring.node("key"), Some(&"one"));
    assert_eq!(ring.replicas("key").collect::<Vec<_>>(), [&"one"]);
    let moved = before.diff(&ring);
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].from, moved[0].to), (None, Some(&"one")));
    assert_eq!((moved[0].places.clone(), moved[0].share()), (0..=u64::MAX, 1.0));
    // Equal names are one node, with the weight that was given last.
    assert_eq!(ring.insert("one", 3), Ok(Some(1)));
    assert_eq!((ring.members().len(), ring.points().len()), (2, 300));
    assert_eq!(HashRing::of(["a", "b", "a"]).unwrap(), HashRing::of(["b", "a"]).unwrap());
    // A ring that would not fit in memory is refused, and stays what it was.
    let same = ring.clone();
    let error = ring.insert("huge", u32::MAX).unwrap_err();
    assert_eq!(error.points, 300 + 100 * u64::from(u32::MAX));
    assert_eq!(
        error.to_string(),
        format!("a ring of {} points; 134217728 is the most", error.points)
    );
    assert_eq!(ring, same);
    let mut many = HashRing::with(WyHash::default(), u32::MAX);
    assert!(
        many.change((0..9_u8).map(|n| Change::Set(Member { name: [n], weight: u32::MAX })))
            .is_err()
    );
    // Huge keys, and empty ones.
    let huge = vec![7_u8; 10_000_000];
    assert_eq!(ring.node(&huge), Some(&"one"));
    assert_eq!(ring.node(""), Some(&"one"));
    // No virtual nodes: members that own nothing.
    let mut none = HashRing::with(WyHash::default(), 0);
    assert_eq!(none.insert("a", 1), Ok(None));
    assert_eq!((none.node("key"), none.live()), (None, 0));
    let mut placed = BoundedLoad::new(none, LoadFactor::new(1.0).unwrap());
    assert!(placed.insert("key"));
    assert_eq!(placed.node(&"key"), None);
    assert!(placed.remove(&"key"));
}

#[test]
fn a_hundred_thousand_nodes_are_no_trouble() {
    let names: Vec<_> = (0..100_000).map(|n| format!("node {n}")).collect();
    let mut ring = HashRing::with(WyHash::default(), 10);
    let set = |name: &String| Change::Set(Member { name: name.clone(), weight: 1 });
    ring.change(names.iter().map(set)).unwrap();
    assert_eq!((ring.live(), ring.points().len()), (100_000, 1_000_000));
    let owner = ring.node("key").unwrap().clone();
    let next = ring.replicas("key").nth(1).unwrap().clone();
    ring.remove(&owner);
    assert_eq!(ring.node("key"), Some(&next));
    ring.insert(owner.clone(), 1).unwrap();
    assert_eq!(ring.node("key"), Some(&owner));
}

/// Points that are all in one corner, or all at one place, are found too.
#[test]
fn a_bad_hash_is_slow_and_right() {
    for bits in [0, 1, 8, 30] {
        let mut ring = HashRing::with(Corner(bits), 50);
        let names = (0..40).map(|n| Member { name: format!("n{n}"), weight: 1 });
        ring.change(names.map(Change::Set)).unwrap();
        let points: Vec<_> = ring.points().map(|(at, name, r)| (at, name.as_str(), r)).collect();
        assert!(points.is_sorted());
        for probe in probes(&ring) {
            assert_eq!(ring.node_at(probe).map(String::as_str), owner(&points, probe));
        }
    }
}

/// The share of each node, measured on the circle itself: nothing is sampled, so that nothing can
/// be unlucky. For `n` nodes with `v` points, a share is nearly a gamma variable of shape `v`; ten
/// standard deviations are never seen.
#[test]
fn shares_are_as_even_as_the_virtual_nodes_make_them() {
    for (nodes, weight) in [(10, 1), (100, 1), (10, 10)] {
        let empty = HashRing::<String>::default();
        let mut ring = empty.clone();
        let names = (0..nodes).map(|n| Member { name: format!("10.0.0.{n}:443"), weight });
        ring.change(names.map(Change::Set)).unwrap();
        let mut shares = BTreeMap::new();
        for moved in empty.diff(&ring) {
            *shares.entry(moved.to.unwrap()).or_insert(0.0) += moved.share() * f64::from(nodes);
        }
        assert!((shares.values().sum::<f64>() / f64::from(nodes) - 1.0).abs() < 1e-9);
        let deviation = 1.0 / f64::from(100 * weight).sqrt();
        let square = |share: &f64| (share - 1.0).powi(2);
        let spread = (shares.values().map(square).sum::<f64>() / f64::from(nodes)).sqrt();
        assert!(spread > deviation / 3.0 && spread < deviation * 3.0, "{nodes} nodes: {spread}");
        assert!(shares.values().all(|share| (share - 1.0).abs() < 10.0 * deviation));
    }
}

/// With weights, shares follow the weights.
#[test]
fn shares_follow_weights() {
    let mut ring = HashRing::with(WyHash::default(), 1000);
    let mut nodes = Rendezvous::default();
    for weight in 1..=8 {
        ring.insert(format!("node {weight}"), weight).unwrap();
        nodes.insert(format!("node {weight}"), weight);
    }
    let (mut of_ring, mut of_nodes) = (BTreeMap::new(), BTreeMap::new());
    const KEYS: u32 = 36_000;
    for key in 0..KEYS {
        *of_ring.entry(ring.node(key.to_le_bytes()).unwrap()).or_insert(0) += 1;
        *of_nodes.entry(nodes.node(key.to_le_bytes()).unwrap()).or_insert(0) += 1;
    }
    for weight in 1..=8 {
        let (name, expected) = (format!("node {weight}"), f64::from(weight * KEYS / 36));
        let of_ring: f64 = f64::from(of_ring[&name]) / expected;
        let of_nodes: f64 = f64::from(of_nodes[&name]) / expected;
        // Six standard deviations: of the points and the keys, and of the keys alone.
        let of_keys = 1.0 / expected;
        let of_points = 1.0 / f64::from(1000 * weight);
        assert!((of_ring - 1.0).abs() < 6.0 * (of_keys + of_points).sqrt(), "{weight}: {of_ring}");
        assert!((of_nodes - 1.0).abs() < 6.0 * of_keys.sqrt(), "{weight}: {of_nodes}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_snapshot_is_the_members_and_gives_the_same_ring() {
    let mut ring = HashRing::with(WyHash::seeded(9), 7);
    ring.insert("a".to_owned(), 2).unwrap();
    ring.insert("b".to_owned(), 0).unwrap();
    let text = serde_json::to_string(&ring).unwrap();
    assert_eq!(text, r#"{"hash":{"wyhash_seed":9},"virtual_nodes":7,"members":[["a",2],["b",0]]}"#);
    assert_eq!(serde_json::from_str::<HashRing<String>>(&text).unwrap(), ring);
    let twice = text.replace(r#"["b",0]"#, r#"["a",5]"#);
    let read: HashRing<String> = serde_json::from_str(&twice).unwrap();
    assert_eq!((read.members().len(), read.weight("a")), (1, Some(5)));
    let huge = text.replace("\"virtual_nodes\":7", "\"virtual_nodes\":4000000000");
    let error = serde_json::from_str::<HashRing<String>>(&huge).unwrap_err().to_string();
    assert!(error.contains("a ring of 8000000000 points"), "{error}");
    assert!(serde_json::from_str::<LoadFactor>("0.5").is_err());
    assert_eq!(serde_json::from_str::<LoadFactor>("1.5").unwrap().get(), 1.5);
}
