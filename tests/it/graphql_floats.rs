//! A number is stored and told as it was sent, to its last bit, whichever way it came: as a variable, in the text of the
//! query, in a file. What one way has written is unchanged when it comes by another.

use rapport_tests::on_both_databases;
use serde_json::{Value, json};

use crate::access_stage::stage;
use crate::graphql_server::Server;
use crate::import_stage::import_texts;

/// As many numbers as are tried each way.
const NUMBERS: usize = 1_000;
/// Names of metrics that one question may hold.
const ASKED_AT_ONCE: usize = 50;

/// Numbers of every size, from a seed: the same in every run.
fn numbers(seed: u64) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut numbers = vec![
        0.1 + 0.2,
        774.0 / 7.0,
        f64::MIN_POSITIVE,
        f64::EPSILON,
        1e300,
        -1e-300,
        123_456_789.123_456_79,
        9_007_199_254_740_993.0,
    ];
    while numbers.len() < NUMBERS {
        let number = match numbers.len() % 3 {
            0 => f64::from(random.u32(1..100_000)) / f64::from(random.u32(1..1_000)),
            1 => random.f64() * 100.0,
            _ => f64::from_bits(random.u64(..)),
        };
        // Files take no more than 1e300.
        if number.is_finite() && number.abs() < 1e300 {
            numbers.push(number);
        }
    }
    numbers
}

/// The numbers that came back changed.
async fn changed(server: &Server, of: &str, sent: &[f64]) -> Vec<(f64, f64)> {
    let mut changed = Vec::new();
    for (chunk, numbers) in sent.chunks(ASKED_AT_ONCE).enumerate() {
        let names: Vec<String> = (0..numbers.len())
            .map(|at| format!("{of}{:04}", chunk * ASKED_AT_ONCE + at))
            .collect();
        let query = "query($n: [String!]) { accountByExternalId(externalId: \"north\") { metrics(names: $n) { name value } } }";
        let data = server.data(query, json!({ "n": names })).await;
        let told = data["accountByExternalId"]["metrics"].as_array().unwrap();
        assert_eq!(told.len(), numbers.len());
        for ((name, number), told) in names.iter().zip(numbers).zip(told) {
            assert_eq!(told["name"], name.as_str());
            let value = told["value"].as_f64().unwrap();
            if value.to_bits() != number.to_bits() {
                changed.push((*number, value));
            }
        }
    }
    changed
}

on_both_databases! {
    async fn no_number_loses_its_last_bit(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let numbers = numbers(7);
        let row = |of: &str, at: usize, number: f64| json!({"accountExternalId": "north", "metric": format!("{of}{at:04}"), "observedOn": "2026-06-01", "value": number});

        let rows: Vec<Value> = numbers.iter().enumerate().map(|(at, n)| row("v", at, *n)).collect();
        let record = "mutation($rows: [MetricInput!]!) { recordMetrics(input: {rows: $rows}) { inserted unchanged rejected } }";
        assert_eq!(server.data(record, json!({ "rows": rows })).await["recordMetrics"]["inserted"], NUMBERS);
        for (chunk, some) in numbers.chunks(70).enumerate() {
            let rows: Vec<String> = some.iter().enumerate()
                .map(|(at, n)| format!("{{accountExternalId: \"north\", metric: \"l{:04}\", observedOn: \"2026-06-01\", value: {}}}", chunk * 70 + at, json!(n)))
                .collect();
            let data = server.data(&format!("mutation {{ recordMetrics(input: {{rows: [{}]}}) {{ inserted }} }}", rows.join(" ")), json!({})).await;
            assert_eq!(data["recordMetrics"]["inserted"], some.len());
        }
        let ndjson: String = numbers.iter().enumerate()
            .map(|(at, n)| format!("{}\n", json!({"account_external_id": "north", "metric": format!("n{at:04}"), "observed_on": "2026-06-01", "value": n})))
            .collect::<Vec<_>>().concat();
        let (summary, told) = import_texts(db, &[("metrics.ndjson", &ndjson)]).await;
        assert!(summary.is_clean(), "{:?}", told.rejected());

        for (of, way) in [("v", "variables"), ("l", "the query's text"), ("n", "NDJSON")] {
            let changed = changed(&server, of, &numbers).await;
            assert!(changed.is_empty(), "{} of {NUMBERS} came back changed through {way}, such as {:?}", changed.len(), changed[0]);
        }

        // The same numbers in a file change nothing, and neither do those of the file through the API.
        let csv: String = std::iter::once("account_external_id,metric,observed_on,value\n".to_owned())
            .chain(numbers.iter().enumerate().flat_map(|(at, n)| ["v", "l", "n"].map(|of| format!("north,{of}{at:04},2026-06-01,{n}\n"))))
            .collect();
        let (summary, _) = import_texts(db, &[("metrics.csv", &csv)]).await;
        let file = summary.files.iter().find(|file| file.file == "metrics.csv").unwrap();
        assert_eq!((file.inserted, file.updated, file.unchanged), (0, 0, 3 * NUMBERS as u64), "a file after the API");
        let rows: Vec<Value> = numbers.iter().enumerate().map(|(at, n)| row("n", at, *n)).collect();
        assert_eq!(server.data(record, json!({ "rows": rows })).await["recordMetrics"]["unchanged"], NUMBERS, "the API after a file");
        server.stop().await;
    }
}
