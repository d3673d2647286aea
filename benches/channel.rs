//! The channels beside those of the standard library, crossbeam, flume and kanal, in one run.
//!
//! `channel/same-thread-64`: one thread sends and receives; the time is that of both.
//! `channel/1x1-C` and `channel/4x4-C`: as many threads send as receive through a channel of
//! capacity C; the time is that of one value, all threads together. `channel/ping-pong-C`: two
//! threads answer each other; the time is that of a round trip. The standard library has no channel
//! for several receivers: they share one behind a mutex. Contended figures vary from run to run:
//! compare within one run.

use std::hint::black_box;
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// Both ends of a channel of numbers.
trait Channel: Clone + Send + 'static {
    const NAME: &'static str;

    /// A channel with room for so many values, or as many as there is memory.
    fn new(capacity: Option<usize>) -> Self;

    fn send(&self, value: u64);

    fn recv(&self) -> u64;
}

/// A peer whose two ends can be cloned.
macro_rules! peer {
    ($type:ident, $name:literal, $path:ident, $bounded:path, $unbounded:path) => {
        #[derive(Clone)]
        struct $type($path::Sender<u64>, $path::Receiver<u64>);

        impl Channel for $type {
            const NAME: &'static str = $name;

            fn new(capacity: Option<usize>) -> Self {
                let (sender, receiver) = match capacity {
                    Some(capacity) => $bounded(capacity),
                    None => $unbounded(),
                };
                Self(sender, receiver)
            }

            #[inline]
            fn send(&self, value: u64) {
                self.0.send(value).expect("the receiver lives");
            }

            #[inline]
            fn recv(&self) -> u64 {
                self.1.recv().expect("the sender lives")
            }
        }
    };
}

use bisim::channel as ours;

peer!(Bisim, "bisim", ours, ours::bounded, ours::unbounded);
peer!(
    Crossbeam,
    "crossbeam",
    crossbeam_channel,
    crossbeam_channel::bounded,
    crossbeam_channel::unbounded
);
peer!(Flume, "flume", flume, flume::bounded, flume::unbounded);
peer!(Kanal, "kanal", kanal, kanal::bounded, kanal::unbounded);

/// The standard library's two kinds of senders, and the receiver that threads share.
#[derive(Clone)]
enum StdSender {
    Bounded(mpsc::SyncSender<u64>),
    Unbounded(mpsc::Sender<u64>),
}

#[derive(Clone)]
struct Std(StdSender, Arc<Mutex<mpsc::Receiver<u64>>>);

impl Channel for Std {
    const NAME: &'static str = "std";

    fn new(capacity: Option<usize>) -> Self {
        let (sender, receiver) = match capacity {
            Some(capacity) => {
                let (sender, receiver) = mpsc::sync_channel(capacity);
                (StdSender::Bounded(sender), receiver)
            }
            None => {
                let (sender, receiver) = mpsc::channel();
                (StdSender::Unbounded(sender), receiver)
            }
        };
        Self(sender, Arc::new(Mutex::new(receiver)))
    }

    #[inline]
    fn send(&self, value: u64) {
        match &self.0 {
            StdSender::Bounded(sender) => sender.send(value),
            StdSender::Unbounded(sender) => sender.send(value),
        }
        .expect("the receiver lives");
    }

    #[inline]
    fn recv(&self) -> u64 {
        let receiver = self.1.lock().expect("no thread panics under the lock");
        receiver.recv().expect("the sender lives")
    }
}

fn same_thread<C: Channel>(criterion: &mut Criterion) {
    let channel = C::new(Some(64));
    let mut group = criterion.benchmark_group("channel/same-thread-64");
    group.bench_function(C::NAME, |bencher| {
        bencher.iter(|| {
            black_box(&channel).send(1);
            channel.recv()
        });
    });
}

/// The time until this many values have passed from `threads` threads to as many others.
fn values<C: Channel>(capacity: Option<usize>, threads: u64, values: u64) -> Duration {
    let channel = C::new(capacity);
    let start = Arc::new(Barrier::new(2 * threads as usize + 1));
    let each = values.div_ceil(threads);
    let workers: Vec<_> = (0..2 * threads)
        .map(|number| {
            let (channel, start) = (channel.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                for value in 0..each {
                    if number < threads {
                        channel.send(value);
                    } else {
                        black_box(channel.recv());
                    }
                }
            })
        })
        .collect();
    start.wait();
    let began = Instant::now();
    for worker in workers {
        worker.join().expect("a worker only sends or receives");
    }
    began.elapsed()
}

fn many<C: Channel>(criterion: &mut Criterion, capacity: Option<usize>, threads: u64) {
    let room = capacity.map_or("unbounded".to_owned(), |capacity| capacity.to_string());
    let mut group = criterion.benchmark_group(format!("channel/{threads}x{threads}-{room}"));
    group.bench_function(BenchmarkId::from_parameter(C::NAME), |bencher| {
        bencher.iter_custom(|iterations| values::<C>(capacity, threads, iterations));
    });
}

fn ping_pong<C: Channel>(criterion: &mut Criterion, capacity: usize) {
    let (there, back) = (C::new(Some(capacity)), C::new(Some(capacity)));
    let mut group = criterion.benchmark_group(format!("channel/ping-pong-{capacity}"));
    let other = {
        let (there, back) = (there.clone(), back.clone());
        std::thread::spawn(move || {
            while there.recv() > 0 {
                back.send(1);
            }
        })
    };
    group.bench_function(C::NAME, |bencher| {
        bencher.iter(|| {
            there.send(1);
            back.recv()
        });
    });
    there.send(0);
    other.join().expect("the other thread only answers");
}

fn all<C: Channel>(criterion: &mut Criterion) {
    same_thread::<C>(criterion);
    for threads in [1, 4] {
        for capacity in [Some(0), Some(1), Some(64), None] {
            many::<C>(criterion, capacity, threads);
        }
    }
    for capacity in [0, 1] {
        ping_pong::<C>(criterion, capacity);
    }
}

fn channel(criterion: &mut Criterion) {
    all::<Bisim>(criterion);
    all::<Std>(criterion);
    all::<Crossbeam>(criterion);
    all::<Flume>(criterion);
    all::<Kanal>(criterion);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
    targets = channel
}
criterion_main!(benches);
