//! The types of the schema, as far as the gate needs them: which fields there are, what they take and what they give. Read
//! once from the schema's own text, so that nothing here can differ from what is served.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, InputValueDefinition, OperationType, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};

/// What a schema consists of.
#[derive(Debug, Default)]
pub struct Types {
    named: HashMap<String, Kind>,
    directives: HashMap<String, Slots>,
    roots: HashMap<&'static str, String>,
}

/// What a name stands for.
#[derive(Debug)]
pub enum Kind {
    /// A scalar; those that are not GraphQL's own read their values themselves.
    Scalar,
    /// An enumeration with these values.
    Enum(HashSet<String>),
    /// An input object with these fields.
    Input(Slots),
    /// An object or an interface with these fields.
    Output(HashMap<String, Field>),
}

/// What can be given, by name.
pub type Slots = HashMap<String, Slot>;

/// A place where a value can be given: an argument, or a field of an input object.
#[derive(Debug)]
pub struct Slot {
    /// Of which type.
    pub ty: Type,
    /// Whether there is a value where none is given.
    pub default: bool,
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// What it takes.
    pub arguments: Slots,
    /// What it gives.
    pub ty: Type,
}

impl Types {
    /// Reads a schema's text.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let mut types = Self::default();
        for name in ["Int", "Float", "String", "Boolean", "ID"] {
            types.named.insert(name.to_owned(), Kind::Scalar);
        }
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let roots = [
                        ("query", schema.node.query),
                        ("mutation", schema.node.mutation),
                        ("subscription", schema.node.subscription),
                    ];
                    types.roots.extend(
                        roots
                            .into_iter()
                            .filter_map(|(kind, name)| Some((kind, name?.node.to_string()))),
                    );
                }
                TypeSystemDefinition::Directive(directive) => {
                    types.directives.insert(
                        directive.node.name.node.to_string(),
                        slots(directive.node.arguments),
                    );
                }
                TypeSystemDefinition::Type(Positioned { node: definition, .. }) => {
                    let fields = |fields: Vec<Positioned<async_graphql::parser::types::FieldDefinition>>| {
                        let one = |field: async_graphql::parser::types::FieldDefinition| {
                            (
                                field.name.node.to_string(),
                                Field {
                                    arguments: slots(field.arguments),
                                    ty: field.ty.node,
                                },
                            )
                        };
                        Kind::Output(fields.into_iter().map(|field| one(field.node)).collect())
                    };
                    let kind = match definition.kind {
                        TypeKind::Scalar => Kind::Scalar,
                        TypeKind::Enum(values) => Kind::Enum(
                            values
                                .values
                                .iter()
                                .map(|v| v.node.value.node.to_string())
                                .collect(),
                        ),
                        TypeKind::InputObject(input) => Kind::Input(slots(input.fields)),
                        TypeKind::Object(object) => fields(object.fields),
                        TypeKind::Interface(interface) => fields(interface.fields),
                        TypeKind::Union(_) => Kind::Output(HashMap::new()),
                    };
                    types.named.insert(definition.name.node.to_string(), kind);
                }
            }
        }
        Ok(types)
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.named.get(name)
    }

    /// A field of an object.
    pub fn field(&self, object: Option<&str>, name: &str) -> Option<&Field> {
        match self.get(object?) {
            Some(Kind::Output(fields)) => fields.get(name),
            _ => None,
        }
    }

    /// What a directive takes.
    pub fn directive(&self, name: &str) -> Option<&Slots> {
        self.directives.get(name)
    }

    /// The object that an operation starts from.
    pub fn root(&self, kind: OperationType) -> Option<&str> {
        let kind = match kind {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        self.roots.get(kind).map(String::as_str)
    }

    /// Every field of every object, as `Object.field`.
    #[cfg(test)]
    pub fn fields(&self) -> impl Iterator<Item = (String, &Field)> {
        self.named
            .iter()
            .filter_map(|(object, kind)| {
                if let Kind::Output(fields) = kind {
                    Some((object, fields))
                } else {
                    None
                }
            })
            .flat_map(|(object, fields)| {
                fields
                    .iter()
                    .map(move |(name, field)| (format!("{object}.{name}"), field))
            })
    }
}

fn slots(arguments: Vec<Positioned<InputValueDefinition>>) -> Slots {
    let one = |slot: InputValueDefinition| {
        (
            slot.name.node.to_string(),
            Slot {
                ty: slot.ty.node,
                default: slot.default_value.is_some(),
            },
        )
    };
    arguments.into_iter().map(|slot| one(slot.node)).collect()
}

/// The name at the heart of a type, out of all its lists.
pub fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}
