//! Sets the cfg that the `sync` facade switches on, for this package alone.

fn main() {
    println!("cargo::rustc-cfg=model_shuttle");
    println!("cargo::rerun-if-changed=build.rs");
}
