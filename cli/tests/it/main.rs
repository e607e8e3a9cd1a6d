//! The binary as a process: settings, exit codes, what it says on which stream, how it stops.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod packaging;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod process;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod watching;
