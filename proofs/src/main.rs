//! The command `bisim`; see the module `cli` of `bisim-proofs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bisim_proofs::cli::main()
}
