//! Sorts any number of small records with a fixed amount of memory: full chunks are sorted and spilled to a temporary
//! file, and the files are merged. What needs a look at all rows of a file at once (repeated keys, rows that add up)
//! goes through here.
//!
//! No crate does it: those for external sorting write each record on its own, keep no limit in bytes, or end the process where
//! the disk is full.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Memory of one chunk.
const CHUNK_BYTES: usize = 16 << 20;

/// A record: a key to sort by, and what goes with it.
pub(crate) type Record = (Vec<u8>, Vec<u8>);

/// Collects records.
pub(crate) struct SpillSort {
    /// Keys and payloads, one after the other.
    arena: Vec<u8>,
    /// Where each record starts, its key ends and it ends.
    index: Vec<(u32, u32, u32)>,
    spilled: Vec<File>,
    chunk_bytes: usize,
}

impl SpillSort {
    pub(crate) fn new() -> Self {
        Self::with_chunks_of(CHUNK_BYTES)
    }

    fn with_chunks_of(chunk_bytes: usize) -> Self {
        Self {
            arena: Vec::new(),
            index: Vec::new(),
            spilled: Vec::new(),
            chunk_bytes,
        }
    }

    /// Takes a record. Records with equal keys come out in any order: make keys unique where it matters.
    pub(crate) fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        let size = key.len() + payload.len();
        if !self.index.is_empty()
            && self.arena.len() + size + self.index.len() * size_of::<(u32, u32, u32)>() > self.chunk_bytes
        {
            self.spill()?;
        }
        let position =
            |at: usize| u32::try_from(at).map_err(|_| io::Error::other("a record of more than 4 GiB"));
        let start = position(self.arena.len())?;
        self.arena.extend_from_slice(key);
        let key_end = position(self.arena.len())?;
        self.arena.extend_from_slice(payload);
        self.index.push((start, key_end, position(self.arena.len())?));
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        self.index
            .sort_unstable_by_key(|(start, key_end, _)| &arena[*start as usize..*key_end as usize]);
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for (start, key_end, end) in self.index.drain(..) {
            write_part(&mut file, &self.arena[start as usize..key_end as usize])?;
            write_part(&mut file, &self.arena[key_end as usize..end as usize])?;
        }
        self.arena.clear();
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.spilled.push(file);
        Ok(())
    }

    /// The records in the order of their keys.
    pub(crate) fn finish(mut self) -> io::Result<Sorted> {
        if self.spilled.is_empty() {
            self.sort();
            return Ok(Sorted::Memory {
                arena: self.arena,
                index: self.index.into_iter(),
            });
        }
        self.spill()?;
        let mut files: Vec<BufReader<File>> = self.spilled.into_iter().map(BufReader::new).collect();
        let mut heads = BinaryHeap::with_capacity(files.len());
        for (at, file) in files.iter_mut().enumerate() {
            if let Some((key, payload)) = read_record(file)? {
                heads.push(Reverse((key, at, payload)));
            }
        }
        Ok(Sorted::Disk { files, heads })
    }
}

/// The first record of a file that is not out yet: key, number of the file, payload; the smallest key on top.
type Head = Reverse<(Vec<u8>, usize, Vec<u8>)>;

/// Gives the records back in order.
pub(crate) enum Sorted {
    /// All of them fitted.
    Memory {
        arena: Vec<u8>,
        index: std::vec::IntoIter<(u32, u32, u32)>,
    },
    /// They are merged from files.
    Disk {
        files: Vec<BufReader<File>>,
        heads: BinaryHeap<Head>,
    },
}

impl Sorted {
    /// The next record.
    pub(crate) fn next_record(&mut self) -> io::Result<Option<Record>> {
        match self {
            Self::Memory { arena, index } => Ok(index.next().map(|(start, key_end, end)| {
                (
                    arena[start as usize..key_end as usize].to_vec(),
                    arena[key_end as usize..end as usize].to_vec(),
                )
            })),
            Self::Disk { files, heads } => {
                let Some(Reverse((key, at, payload))) = heads.pop() else {
                    return Ok(None);
                };
                if let Some((next_key, next_payload)) = read_record(&mut files[at])? {
                    heads.push(Reverse((next_key, at, next_payload)));
                }
                Ok(Some((key, payload)))
            }
        }
    }
}

/// Writes a length and that many bytes.
pub(crate) fn write_part(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::other("a record of more than 4 GiB"))?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(bytes)
}

/// Reads what [`write_part`] wrote; nothing at the end of the file.
pub(crate) fn read_part(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

fn read_record(input: &mut impl Read) -> io::Result<Option<Record>> {
    let Some(key) = read_part(input)? else {
        return Ok(None);
    };
    Ok(read_part(input)?.map(|payload| (key, payload)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn records_come_out_sorted_however_small_the_memory(
            mut keys in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..8), 0..200),
            chunk in 1_usize..400,
        ) {
            let mut sort = SpillSort::with_chunks_of(chunk);
            for key in &keys {
                sort.push(key, &[key.len() as u8]).unwrap();
            }
            let mut sorted = sort.finish().unwrap();
            keys.sort();
            let mut found = Vec::new();
            while let Some((key, payload)) = sorted.next_record().unwrap() {
                prop_assert_eq!(&payload, &vec![key.len() as u8]);
                found.push(key);
            }
            prop_assert_eq!(found, keys);
        }
    }
}
