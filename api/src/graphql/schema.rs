//! The schema, without any state: requests bring what resolvers need.

use std::sync::LazyLock;

use async_graphql::{ID, SDLExportOptions};

use super::bounds::limits::MAX_PRICE;
use super::bounds::take_turns::TakeTurns;
use super::gate::{MAX_INTROSPECTION_DEPTH, MAX_NESTING, Types};
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;

/// The schema that is served.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Most directives on one field.
const MAX_DIRECTIVES: usize = 10;

/// Builds the schema. The gate has its own, finer limits, and prices what it lets pass; these are the second wall, for the day on
/// which somebody executes a request around the gate.
pub fn build_schema() -> Schema {
    Schema::build(Query, Mutation::default(), Subscription)
        .limit_complexity(MAX_PRICE)
        .limit_depth(MAX_INTROSPECTION_DEPTH)
        .limit_recursive_depth(MAX_NESTING)
        .limit_directives(MAX_DIRECTIVES)
        .override_output_type_description::<ID>("A global id: opaque, self-describing, of the form `acc_…`.")
        .disable_suggestions()
        .extension(TakeTurns)
        .finish()
}

/// The schema as text, in an order that does not change: what `rapport schema` prints and `api/schema.graphql` holds.
pub fn schema_sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    let sdl = build_schema().sdl_with_options(options);
    let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned() + "\n"
}

/// The types of the schema.
pub fn schema_types() -> &'static Types {
    static TYPES: LazyLock<Types> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the schema is part of the program, and so is its text: a test reads it"
        )]
        Types::read(&build_schema().sdl()).expect("the schema's own text is a schema")
    });
    &TYPES
}
