//! The mutex beside those of the standard library and of parking_lot, in one run.
//!
//! `lock/uncontended`: one thread takes the lock, adds one, and frees it. `lock/2-threads` and
//! `lock/8-threads`: each thread does so again and again; the time is that of one addition, all
//! threads together. Contended figures vary from run to run: compare within one run.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// A mutex around a counter.
trait Counter: Sync {
    const NAME: &'static str;

    fn new() -> Self;

    fn add_one(&self);
}

impl Counter for bisim::lock::Mutex<u64> {
    const NAME: &'static str = "bisim";

    fn new() -> Self {
        Self::new(0)
    }

    #[inline]
    fn add_one(&self) {
        *self.lock() += 1;
    }
}

impl Counter for std::sync::Mutex<u64> {
    const NAME: &'static str = "std";

    fn new() -> Self {
        Self::new(0)
    }

    #[inline]
    fn add_one(&self) {
        *self.lock().expect("no thread panics under the lock") += 1;
    }
}

impl Counter for parking_lot::Mutex<u64> {
    const NAME: &'static str = "parking_lot";

    fn new() -> Self {
        Self::new(0)
    }

    #[inline]
    fn add_one(&self) {
        *self.lock() += 1;
    }
}

fn uncontended<C: Counter>(criterion: &mut Criterion) {
    let counter = C::new();
    let mut group = criterion.benchmark_group("lock/uncontended");
    group.bench_function(C::NAME, |bencher| bencher.iter(|| black_box(&counter).add_one()));
}

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
                    for _ in 0..each {
                        black_box(&counter).add_one();
                    }
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

fn contended<C: Counter>(criterion: &mut Criterion, threads: u64) {
    let mut group = criterion.benchmark_group(format!("lock/{threads}-threads"));
    group.bench_function(BenchmarkId::from_parameter(C::NAME), |bencher| {
        bencher.iter_custom(|iterations| additions::<C>(threads, iterations));
    });
}

fn mutex(criterion: &mut Criterion) {
    uncontended::<bisim::lock::Mutex<u64>>(criterion);
    uncontended::<std::sync::Mutex<u64>>(criterion);
    uncontended::<parking_lot::Mutex<u64>>(criterion);
    for threads in [2, 8] {
        contended::<bisim::lock::Mutex<u64>>(criterion, threads);
        contended::<std::sync::Mutex<u64>>(criterion, threads);
        contended::<parking_lot::Mutex<u64>>(criterion, threads);
    }
}

criterion_group!(benches, mutex);
criterion_main!(benches);
