//! The network of a simulation: what becomes of a message.

use bisim::protocol::NodeId;

use super::{Dice, Micros};

/// How the network is at the moment.
pub(super) struct Weather {
    /// Of a thousand messages, so many are lost,
    pub(super) loss: u64,
    /// so many arrive twice,
    pub(super) duplicates: u64,
    /// and so many are much later than the others, which overtake them.
    pub(super) stragglers: u64,
    /// For each node, the nodes that it cannot reach, one bit each.
    cut: Vec<u64>,
}

impl Weather {
    /// A message is on its way for so long,
    const DELAY: std::ops::RangeInclusive<Micros> = 500..=5_000;
    /// and a straggler for so long.
    const LATE: std::ops::RangeInclusive<Micros> = 10_000..=400_000;

    /// All nodes reach each other.
    pub(super) fn new(nodes: u32) -> Self {
        let mut weather =
            Self { loss: 0, duplicates: 0, stragglers: 0, cut: vec![0; nodes as usize] };
        weather.calm();
        weather
    }

    /// As it is on a good day.
    pub(super) fn calm(&mut self) {
        (self.loss, self.duplicates, self.stragglers) = (0, 0, 5);
    }

    /// All nodes reach each other again.
    pub(super) fn heal(&mut self) {
        self.cut.fill(0);
    }

    /// None of `from` reaches any of `to` any more.
    pub(super) fn cut(&mut self, from: u64, to: u64) {
        for (node, cut) in self.cut.iter_mut().enumerate() {
            if from >> node & 1 == 1 {
                *cut |= to & !(1 << node);
            }
        }
    }

    /// Whether a message can get from one node to another.
    pub(super) fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        let cut = self.cut.get(from.0 as usize);
        cut.is_some_and(|cut| cut >> to.0 & 1 == 0)
    }

    /// When the copies of a message arrive: none if it is lost.
    pub(super) fn delays(&self, dice: &mut Dice) -> Delays {
        let mut delays = [None; 2];
        if dice.permille(self.loss) {
            return delays;
        }
        let copies = 1 + usize::from(dice.permille(self.duplicates));
        for copy in &mut delays[..copies] {
            let late = dice.permille(self.stragglers);
            *copy = Some((dice.within(if late { Self::LATE } else { Self::DELAY }), late));
        }
        delays
    }
}

/// How long each copy of a message is on its way, and whether it is a straggler.
pub(super) type Delays = [Option<(Micros, bool)>; 2];
