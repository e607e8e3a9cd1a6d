//! What the system says about this process. Linux only; elsewhere there is nothing, and the series are absent.

use std::fs;

/// The kernel's ticks in a second, as `/proc` counts them (`USER_HZ`; the same on every architecture Linux runs on today).
const TICKS: f64 = 100.0;

/// A process, as `/proc` has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Process {
    /// Seconds of processor time, in the program and in the kernel for it.
    pub(super) cpu_seconds: f64,
    /// Bytes of memory that it occupies.
    pub(super) resident_bytes: u64,
    pub(super) threads: u64,
    /// Open files and connections.
    pub(super) open_files: u64,
}

impl Process {
    /// This process.
    pub(super) fn this() -> Option<Self> {
        let open_files = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
        Self::read(
            &fs::read_to_string("/proc/self/stat").ok()?,
            &fs::read_to_string("/proc/self/status").ok()?,
            open_files,
        )
    }

    fn read(stat: &str, status: &str, open_files: u64) -> Option<Self> {
        // The second field is the program's name in brackets, which may hold anything; user and system time are the
        // 14th and 15th.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let number = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Some(Self {
            cpu_seconds: (user + system) / TICKS,
            resident_bytes: number("VmRSS")? * 1024,
            threads: number("Threads")?,
            open_files,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_be_called_anything() {
        let stat = "17 (a) b (c) S 1 17 17 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 123 456 789";
        let status = "Name:\ta\nVmRSS:\t   2048 kB\nThreads:\t9\n";
        let read = Process::read(stat, status, 12).unwrap();
        assert_eq!(
            read,
            Process {
                cpu_seconds: 3.0,
                resident_bytes: 2_097_152,
                threads: 9,
                open_files: 12
            }
        );
        assert_eq!(Process::read("17 (a", status, 1), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_and_files() {
        let this = Process::this().unwrap();
        assert!(
            this.resident_bytes > 100_000 && this.threads >= 1 && this.open_files >= 3,
            "{this:?}"
        );
    }
}
