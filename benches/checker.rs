//! The checker beside Stateright's searches, on two-phase commit.
//!
//! Stateright is called as its users call it, on the model itself, with one property that always
//! holds so that it explores everything. Seven resource managers have 296,448 states.

use std::sync::Arc;

use bisim_models::classics::two_phase_commit::TwoPhaseCommit;
use bisim_models::common::{Params, Preset, Spec};
use bisim_proofs::checker::{Classes, Options, check};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use stateright::{Checker, Model};

const MANAGERS: u32 = 7;

fn spec() -> TwoPhaseCommit {
    let params = Params::preset(TwoPhaseCommit::PARAMETERS, Preset::Standard);
    TwoPhaseCommit::new(&params.with("managers", MANAGERS)).expect("the value is in its range")
}

fn ours(workers: usize) -> u64 {
    let names = TwoPhaseCommit::ACTIONS.iter().map(|class| class.name).collect();
    let classes = Classes::new(names, TwoPhaseCommit::class_of);
    let options = Options { workers, ..Options::default() };
    check(Arc::new(spec()), &classes, &options).distinct
}

fn benches(criterion: &mut Criterion) {
    // `TCConsistent` always holds: Stateright waits for a violation of it to the end.
    let distinct = ours(1);
    let mut group = criterion.benchmark_group(format!("checker/two-phase-commit-{MANAGERS}"));
    group.throughput(Throughput::Elements(distinct)).sample_size(10);
    group.bench_function("bisim", |bencher| bencher.iter(|| ours(1)));
    group.bench_function("bisim-2-workers", |bencher| bencher.iter(|| ours(2)));
    group.bench_function("stateright-bfs", |bencher| {
        bencher.iter_batched(
            || spec().checker(),
            |checker| {
                let found = checker.spawn_bfs().join().unique_state_count() as u64;
                assert_eq!(found, distinct);
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("stateright-dfs", |bencher| {
        bencher.iter_batched(
            || spec().checker(),
            |checker| {
                let found = checker.spawn_dfs().join().unique_state_count() as u64;
                assert_eq!(found, distinct);
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(checker, benches);
criterion_main!(checker);
