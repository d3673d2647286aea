//! The locks beside those of the standard library and of parking_lot, in one run.
//!
//! `lock/uncontended`: one thread takes the lock, adds one, and frees it. `lock/2-threads` and
//! `lock/8-threads`: each thread does so again and again; the time is that of one addition, all
//! threads together. The ticket lock is measured there too: served in turn, it waits for threads
//! that do not run.
//!
//! `rw-lock/uncontended-read`, `-write`: the same with a readers-writer lock. `rw-lock/N-threads`:
//! of twenty calls nineteen read and one writes.
//!
//! Contended figures vary from run to run: compare within one run.

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

impl Counter for bisim::lock::TicketLock<u64> {
    const NAME: &'static str = "bisim-ticket";

    fn new() -> Self {
        Self::new(0)
    }

    #[inline]
    fn add_one(&self) {
        *self.lock() += 1;
    }
}

/// A readers-writer lock around a counter: to add is to write, and every twentieth call does.
struct Mixed<L>(L);

/// A readers-writer lock around a counter.
trait ReadersWriter: Sync {
    const NAME: &'static str;

    fn new() -> Self;

    fn read(&self) -> u64;

    fn write(&self);
}

macro_rules! readers_writer {
    ($type:ty, $name:literal, $read:expr, $write:expr) => {
        impl ReadersWriter for $type {
            const NAME: &'static str = $name;

            fn new() -> Self {
                Self::new(0)
            }

            #[inline]
            fn read(&self) -> u64 {
                let read: fn(&Self) -> u64 = $read;
                read(self)
            }

            #[inline]
            fn write(&self) {
                let write: fn(&Self) = $write;
                write(self);
            }
        }
    };
}

const NO_PANIC: &str = "no thread panics under the lock";

readers_writer!(bisim::lock::RwLock<u64>, "bisim", |l| *l.read(), |l| *l.write() += 1);
readers_writer!(parking_lot::RwLock<u64>, "parking_lot", |l| *l.read(), |l| *l.write() += 1);
readers_writer!(std::sync::RwLock<u64>, "std", |l| *l.read().expect(NO_PANIC), |l| *l
    .write()
    .expect(NO_PANIC) +=
    1);

impl<L: ReadersWriter> Counter for Mixed<L> {
    const NAME: &'static str = L::NAME;

    fn new() -> Self {
        Self(L::new())
    }

    #[inline]
    fn add_one(&self) {
        (0..19).for_each(|_| {
            black_box(self.0.read());
        });
        self.0.write();
    }
}

fn readers_writer<L: ReadersWriter>(criterion: &mut Criterion) {
    let lock = L::new();
    let mut group = criterion.benchmark_group("rw-lock/uncontended-read");
    group.bench_function(L::NAME, |bencher| bencher.iter(|| black_box(&lock).read()));
    group.finish();
    let mut group = criterion.benchmark_group("rw-lock/uncontended-write");
    group.bench_function(L::NAME, |bencher| bencher.iter(|| black_box(&lock).write()));
    group.finish();
    for threads in [2, 8] {
        let mut group = criterion.benchmark_group(format!("rw-lock/{threads}-threads"));
        group.bench_function(BenchmarkId::from_parameter(L::NAME), |bencher| {
            // Twenty calls are one step of the mix.
            bencher
                .iter_custom(|iterations| additions::<Mixed<L>>(threads, iterations.div_ceil(20)));
        });
    }
}

fn rw_lock(criterion: &mut Criterion) {
    readers_writer::<bisim::lock::RwLock<u64>>(criterion);
    readers_writer::<std::sync::RwLock<u64>>(criterion);
    readers_writer::<parking_lot::RwLock<u64>>(criterion);
}

fn ticket(criterion: &mut Criterion) {
    uncontended::<bisim::lock::TicketLock<u64>>(criterion);
    contended::<bisim::lock::TicketLock<u64>>(criterion, 2);
}

criterion_group!(benches, mutex, rw_lock, ticket);
criterion_main!(benches);
