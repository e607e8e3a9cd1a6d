# What contributors run; `.ci/run` runs `check`, and then `test`.

# The sample company, from nothing to a running product.
demo:
    cargo run -- demo

# Everything that CI checks before the tests.
check:
    .ci/check

# All tests, on SQLite and, where it is installed, PostgreSQL.
test:
    cargo test --locked --workspace

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
