//! How much memory one search takes.

use std::fs;

/// The memory of the process from one moment on. The mark belongs to the process: of two searches
/// at the same time, each tells what the whole process held since the later one began.
pub(super) struct Watch {
    start: Option<u64>,
}

impl Watch {
    /// Starts to watch: the high-water mark of the process is set back to what it holds now.
    pub(super) fn start() -> Self {
        // Writing 5 to this file resets the mark (proc(5)); without the right to do so the
        // peak would be that of the whole process, which is told as unknown instead.
        let reset = fs::write("/proc/self/clear_refs", "5");
        Self { start: reset.ok().and_then(|()| status("VmRSS:")) }
    }

    /// The most that was held since the start, beyond what was held at the start, in bytes; 0
    /// where the system does not tell.
    pub(super) fn peak_bytes(&self) -> u64 {
        let peak = self.start.and_then(|start| Some(status("VmHWM:")?.saturating_sub(start)));
        peak.unwrap_or(0)
    }
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::Watch;

    #[test]
    fn what_is_held_counts() {
        let watch = Watch::start();
        if watch.start.is_none() {
            return; // The system does not tell.
        }
        // Held until it is measured: tests beside this one may set the mark back at any time.
        let block = std::hint::black_box(vec![1u8; 256 << 20]);
        let peak = watch.peak_bytes();
        assert!(peak >= block.len() as u64 / 2, "{peak} bytes");
    }
}
