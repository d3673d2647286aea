//! The graph of the stutters alone: its cycles, and what can be reached along it.

/// Edges between numbered states.
#[derive(Debug, Default)]
pub(super) struct Stutters {
    /// Source and target. States are expanded in the order of their numbers, so that the edges
    /// are sorted by their source.
    edges: Vec<(u32, u32)>,
}

impl Stutters {
    /// Adds an edge; the source must not be smaller than that of the edge before.
    pub(super) fn push(&mut self, source: u32, target: u32) {
        debug_assert!(self.edges.last().is_none_or(|&(last, _)| last <= source));
        self.edges.push((source, target));
    }

    /// The targets of a state's edges.
    fn targets(&self, source: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.edges.partition_point(|&(other, _)| other < source);
        self.edges[first..]
            .iter()
            .take_while(move |&&(other, _)| other == source)
            .map(|&(_, target)| target)
    }

    /// The same edges, to be followed from their targets.
    pub(super) fn reversed(&self, states: usize) -> Reversed {
        let mut starts = vec![0_u32; states + 1];
        for &(_, target) in &self.edges {
            starts[target as usize + 1] += 1;
        }
        for state in 0..states {
            starts[state + 1] += starts[state];
        }
        let mut free = starts.clone();
        let mut sources = vec![0; self.edges.len()];
        for &(source, target) in &self.edges {
            let place = &mut free[target as usize];
            sources[*place as usize] = source;
            *place += 1;
        }
        Reversed { starts, sources }
    }

    /// A cycle, if there is one: states each of which has an edge to the next, and the last one
    /// to the first.
    pub(super) fn cycle(&self, reversed: &Reversed, states: usize) -> Option<Vec<u32>> {
        // States without edges to unfinished states are finished, again and again. What remains
        // can go on for ever.
        let mut unfinished = vec![0_u32; states];
        for &(source, _) in &self.edges {
            unfinished[source as usize] += 1;
        }
        let mut finished: Vec<u32> =
            (0..).zip(&unfinished).filter(|&(_, &count)| count == 0).map(|(id, _)| id).collect();
        while let Some(target) = finished.pop() {
            for &source in reversed.sources(target) {
                unfinished[source as usize] -= 1;
                if unfinished[source as usize] == 0 {
                    finished.push(source);
                }
            }
        }
        let start = unfinished.iter().position(|&count| count > 0)?;
        let mut path = vec![u32::try_from(start).expect("states are numbered in 32 bits")];
        loop {
            let last = *path.last().expect("the path has a start");
            let next = self
                .targets(last)
                .find(|&target| unfinished[target as usize] > 0)
                .expect("an unfinished state has an edge to another one");
            if let Some(first) = path.iter().position(|&state| state == next) {
                return Some(path.split_off(first));
            }
            path.push(next);
        }
    }
}

/// The edges by target.
#[derive(Debug)]
pub(super) struct Reversed {
    starts: Vec<u32>,
    sources: Vec<u32>,
}

impl Reversed {
    /// The sources of the edges that end in `target`.
    pub(super) fn sources(&self, target: u32) -> &[u32] {
        let target = target as usize;
        &self.sources[self.starts[target] as usize..self.starts[target + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::Stutters;

    fn cycle(states: usize, edges: &[(u32, u32)]) -> Option<Vec<u32>> {
        let mut stutters = Stutters::default();
        edges.iter().for_each(|&(source, target)| stutters.push(source, target));
        stutters.cycle(&stutters.reversed(states), states)
    }

    #[test]
    fn a_diamond_has_no_cycle() {
        assert_eq!(cycle(5, &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)]), None);
    }

    #[test]
    fn a_cycle_is_found_behind_a_stem() {
        let found = cycle(5, &[(0, 1), (1, 2), (2, 3), (2, 4), (3, 1)]).unwrap();
        assert_eq!(found, [1, 2, 3]);
    }
}
