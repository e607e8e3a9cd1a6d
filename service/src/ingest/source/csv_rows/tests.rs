//! What a CSV file can hold, and that NDJSON says the same.

use std::io::{BufReader, Read};

use proptest::prelude::*;

use super::super::ndjson_rows::NdjsonRows;
use super::*;

const WANTED: Wanted<'static> = Wanted {
    names: &["id", "name", "tags"],
    required: &["id"],
    strict: true,
};

/// Rows and flaws, in words.
fn told(rows: &mut dyn Rows) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(row) = rows.next_row() {
        told.push(match row {
            Ok(row) => {
                let cells: Vec<String> = row
                    .cells
                    .iter()
                    .map(|cell| match cell {
                        None => "-".to_owned(),
                        Some(Cell::Text(text)) => format!("{text:?}"),
                        Some(Cell::List(items)) => format!("{items:?}"),
                    })
                    .collect();
                format!("{}: {}", row.line, cells.join(" "))
            }
            Err(BadRow::Flawed { line, flaw }) => format!("{line}! {}: {}", flaw.column, flaw.reason),
            Err(BadRow::Broken(reason)) => reason,
        });
    }
    told
}

/// Reads in chunks of a few bytes, so that every boundary falls everywhere.
fn csv(bytes: &[u8]) -> Result<Vec<String>, String> {
    let mut whole = CsvRows::open(bytes, &WANTED)?;
    let whole = told(&mut whole);
    for chunk in [1, 2, 3, 7] {
        let mut pieces = CsvRows::open(BufReader::with_capacity(chunk, bytes), &WANTED)?;
        assert_eq!(told(&mut pieces), whole, "in chunks of {chunk}");
    }
    Ok(whole)
}

#[test]
fn lines_hold_with_every_line_end_and_within_quotes() {
    let rows =
        csv(b"\xef\xbb\xbfid,name\r\n1,a\n2,\"b\nb\"\r\n\r\n3,\"c\r\nc\"\n\n\n4,\"d\"\"d\"\r5,e").unwrap();
    assert_eq!(
        rows,
        [
            r#"2: "1" "a" -"#,
            r#"3: "2" "b\nb" -"#,
            r#"6: "3" "c\r\nc" -"#,
            r#"10: "4" "d\"d" -"#,
            r#"11: "5" "e" -"#
        ]
    );
}

#[test]
fn columns_may_stand_in_any_order_and_others_are_told() {
    let mut rows = CsvRows::open(&b"Name, id ,colour\nx,1,red\n"[..], &WANTED).unwrap();
    assert_eq!(told(&mut rows), [r#"2: "1" "x" -"#]);
    assert_eq!(rows.unknown_columns(), [(1, "colour".to_owned())]);
    assert_eq!(rows.unknown_columns(), []);
}

#[test]
fn what_is_wrong_with_a_row_is_named_and_the_next_one_is_read() {
    let rows = csv(b"id,name\n1\n2,b,c\n3,\xff\xfe\n4,\xc3,\xa9\n5,e\n6,\"f\n7,g\n").unwrap();
    assert_eq!(
        rows,
        [
            "2! : has 1 cells where the header has 2",
            "3! : has 3 cells where the header has 2",
            "4! name: not UTF-8 text",
            "5! : has 3 cells where the header has 2",
            r#"6: "5" "e" -"#,
            "7! : a quote is opened and never closed",
        ]
    );
}

#[test]
fn two_halves_of_a_letter_in_two_cells_are_no_letter() {
    assert_eq!(csv(b"id,name\n\xc3,\xa9\n").unwrap(), ["2! id: not UTF-8 text"]);
}

#[test]
fn what_is_no_csv_is_refused() {
    for (bytes, expected) in [
        (&b""[..], "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04\x00\x00\xff\xfe", "is not CSV"),
        (b"\xff\xfei\0d\0", "is not CSV"),
        (b"i\0d,name\n", "is not CSV"),
        (
            b"name,tags\nx,y\n",
            "has no column `id`; its header is \"name, tags\"",
        ),
        (b"id;name\n1;x\n", "separated by semicolons?"),
        (b"id\tname\n1\tx\n", "separated by tabs?"),
        (b"id,name,ID\n", "has the column `ID` twice"),
        (b"[{\"id\":1}]", "has no column `id`"),
    ] {
        let reason = CsvRows::open(bytes, &WANTED).err().unwrap();
        assert!(reason.contains(expected), "{reason}");
    }
}

/// Gives a row with a cell of any size without holding it.
fn huge(size: u64, quoted: bool) -> impl Read {
    let quote = if quoted { "\"" } else { "" };
    std::io::Cursor::new(format!("id,name\n1,a\n2,{quote}"))
        .chain(std::io::repeat(b'x').take(size))
        .chain(std::io::Cursor::new(format!("{quote}\n3,c\n")))
}

#[test]
fn a_huge_cell_costs_its_row_and_no_memory() {
    for (size, quoted) in [(10 << 20, false), (10 << 20, true), ((1 << 20) + 1, false)] {
        let mut rows = CsvRows::open(BufReader::new(huge(size, quoted)), &WANTED).unwrap();
        assert_eq!(
            told(&mut rows),
            [
                r#"2: "1" "a" -"#,
                "3! name: cell longer than 1 MiB",
                r#"4: "3" "c" -"#
            ]
        );
        assert!(rows.records.text.capacity() <= LONGEST_ROW);
    }
    let mut rows = CsvRows::open(BufReader::new(huge(1 << 20, false)), &WANTED).unwrap();
    assert_eq!(told(&mut rows).len(), 3);
    assert!(
        !told(&mut CsvRows::open(BufReader::new(huge(1 << 20, false)), &WANTED).unwrap())[1].contains('!')
    );
}

#[test]
fn ndjson_reads_objects_and_names_what_is_none() {
    let text = "\u{feff}{\"id\": 1, \"tags\": [\"a\", 2], \"x\": 0}\r\n\n{\"id\": null}\nnonsense\n[1]\n{\"id\": {}}\n{\"id\": \"7\", \"name\": true}";
    let mut rows = NdjsonRows::open(text.as_bytes(), &WANTED).unwrap();
    assert_eq!(
        told(&mut rows),
        [
            r#"1: "1" - ["a", "2"]"#,
            r#"3: "" - -"#,
            "4! : not a JSON object: expected ident",
            "5! : not a JSON object: invalid type: sequence, expected a map",
            "6! id: expected a text, a number or a list of them, found an object",
            r#"7: "7" "true" -"#,
        ]
    );
    assert_eq!(rows.unknown_columns(), [(1, "x".to_owned())]);
    assert!(
        NdjsonRows::open(&b"[{\"id\":1}]"[..], &WANTED)
            .err()
            .unwrap()
            .contains("not an array")
    );
    assert!(
        NdjsonRows::open(&b"id,name"[..], &WANTED)
            .err()
            .unwrap()
            .contains("is not NDJSON")
    );
}

#[test]
fn a_huge_line_of_ndjson_costs_its_row_and_no_memory() {
    let input = std::io::Cursor::new("{\"id\":1}\n{\"id\":\"")
        .chain(std::io::repeat(b'x').take(10 << 20))
        .chain(std::io::Cursor::new("\"}\n{\"id\":3}\n"));
    let mut rows = NdjsonRows::open(BufReader::new(input), &WANTED).unwrap();
    assert_eq!(
        told(&mut rows),
        [r#"1: "1" - -"#, "2! : row longer than 4 MiB", r#"3: "3" - -"#]
    );
}

proptest! {
    #[test]
    fn nothing_makes_reading_panic(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b",\"\n\r\\{}[]:\xff"[..])], 0..200)) {
        let mut with_header = b"id,name\n".to_vec();
        with_header.extend_from_slice(&bytes);
        let _ = csv(&with_header);
        let _ = csv(&bytes);
        if let Ok(mut rows) = NdjsonRows::open(&bytes[..], &WANTED) {
            let _ = told(&mut rows);
        }
    }

    #[test]
    fn csv_and_ndjson_of_the_same_rows_say_the_same(rows in prop::collection::vec(("[a-z0-9]{1,5}", "[^\u{0}]{0,12}"), 1..20)) {
        let mut written = ::csv::Writer::from_writer(Vec::new());
        let mut lines = String::new();
        written.write_record(["id", "name"]).unwrap();
        for (id, name) in &rows {
            written.write_record([id, name]).unwrap();
            lines.push_str(&serde_json::json!({"id": id, "name": name}).to_string());
            lines.push('\n');
        }
        let cells = |rows: &mut dyn Rows| {
            let mut cells = Vec::new();
            while let Some(Ok(row)) = rows.next_row() {
                cells.push(row.cells);
            }
            cells
        };
        let bytes = written.into_inner().unwrap();
        let from_csv = cells(&mut CsvRows::open(&bytes[..], &WANTED).unwrap());
        let from_ndjson = cells(&mut NdjsonRows::open(lines.as_bytes(), &WANTED).unwrap());
        prop_assert_eq!(from_csv.len(), rows.len());
        prop_assert_eq!(from_csv, from_ndjson);
    }
}
