# What contributors run; `.ci/run` runs `check` and `test` in the same way.

# The sample company, from nothing to a running product.
demo:
    cargo run -- demo

# Everything that CI checks before the tests.
check:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# All tests, on SQLite and, where it is installed, PostgreSQL.
test:
    cargo test --workspace

# Random questions by everybody, many more of them than the suite asks.
soak:
    RAPPORT_RANDOM_QUERIES=2000 cargo test -p rapport-tests --test it access_random

# Speed and memory; see docs/operations.md for the figures.
bench:
    cargo bench -p rapport-service
    cargo bench -p rapport-worker
    cargo bench -p rapport-cli

# Accept changed snapshots after reading them.
review:
    cargo insta review

# The GraphQL schema as it is served, written where the test compares it.
schema:
    cargo run -- schema > api/schema.graphql

# Licences, sources, advisories.
deny:
    cargo deny check
