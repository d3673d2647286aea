//! The counters beside what a user would write instead, in one run.
//!
//! `counter/N-threads`: each thread adds one again and again; the time is that of one addition, all
//! threads together. `counter/sum`: one look at a counter that nobody changes. Contended figures
//! vary from run to run: compare within one run.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bisim::counter::{ActorCounter, AtomicCounter, LockedCounter, RwLockedCounter, StripedCounter};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// A counter that threads share.
trait Counter: Sync {
    const NAME: &'static str;

    fn new() -> Self;

    fn add_one(&self);

    fn sum(&self) -> u64;
}

macro_rules! counter {
    ($type:ty, $name:literal, $new:expr, $add:expr, $sum:expr) => {
        impl Counter for $type {
            const NAME: &'static str = $name;

            fn new() -> Self {
                $new
            }

            #[inline]
            fn add_one(&self) {
                let add: fn(&Self) = $add;
                add(self);
            }

            fn sum(&self) -> u64 {
                let sum: fn(&Self) -> u64 = $sum;
                sum(self)
            }
        }
    };
}

counter!(
    AtomicCounter,
    "bisim-atomic",
    Self::new(),
    |c| {
        black_box(c.add(1));
    },
    Self::get
);
counter!(StripedCounter, "bisim-striped", Self::new(), |c| c.add(1), Self::sum);
counter!(
    LockedCounter,
    "bisim-locked",
    Self::new(),
    |c| {
        black_box(c.add(1));
    },
    Self::get
);
counter!(
    RwLockedCounter,
    "bisim-rw-locked",
    Self::new(),
    |c| {
        black_box(c.add(1));
    },
    Self::get
);
counter!(
    AtomicU64,
    "fetch_add",
    Self::new(0),
    |c| {
        black_box(c.fetch_add(1, Ordering::Relaxed));
    },
    |c| c.load(Ordering::Relaxed)
);
counter!(parking_lot::Mutex<u64>, "parking_lot", Self::new(0), |c| *c.lock() += 1, |c| *c.lock());

/// The time that this many additions take, shared out among the threads.
fn additions<C: Counter>(threads: u64, additions: u64) -> Duration {
    let counter = C::new();
    let start = Barrier::new(threads as usize + 1);
    let each = additions.div_ceil(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    (0..each).for_each(|_| black_box(&counter).add_one());
                })
            })
            .collect();
        start.wait();
        let began = Instant::now();
        for worker in workers {
            worker.join().expect("a worker only adds");
        }
        began.elapsed()
    })
}

fn measure<C: Counter>(criterion: &mut Criterion) {
    for threads in [1, 2, 8] {
        let mut group = criterion.benchmark_group(format!("counter/{threads}-threads"));
        group.bench_function(BenchmarkId::from_parameter(C::NAME), |bencher| {
            bencher.iter_custom(|iterations| additions::<C>(threads, iterations));
        });
    }
    let counter = C::new();
    counter.add_one();
    let mut group = criterion.benchmark_group("counter/sum");
    group.bench_function(C::NAME, |bencher| bencher.iter(|| black_box(&counter).sum()));
}

/// An owner that is asked and answers: two messages.
fn actor(criterion: &mut Criterion) {
    let counter = ActorCounter::start();
    let handle = counter.handle();
    let mut group = criterion.benchmark_group("counter/actor");
    group.bench_function("bisim-actor", |bencher| bencher.iter(|| handle.add(1)));
    group.finish();
    drop(handle);
    black_box(counter.stop());
}

fn counters(criterion: &mut Criterion) {
    measure::<AtomicCounter>(criterion);
    measure::<StripedCounter>(criterion);
    measure::<LockedCounter>(criterion);
    measure::<RwLockedCounter>(criterion);
    measure::<AtomicU64>(criterion);
    measure::<parking_lot::Mutex<u64>>(criterion);
    actor(criterion);
}

criterion_group!(benches, counters);
criterion_main!(benches);
