//! Takes variables out of a document: every place that names one gets its value instead, and values of the query text
//! become what their place takes. What the library executes holds constants only.
//!
//! The library reads a variable that is not given as null, or as a mistake, depending on where it stands; by the
//! specification the place is then as if nothing stood there (an item of a list is null). For an import row that is the
//! difference between leaving a stored value alone and clearing it. Fields that the schema does not have are left to the
//! library to refuse.

pub mod coercion;
#[cfg(test)]
mod conformance;
mod declared;
mod scope;
mod selections;
mod value;
mod write_out;

pub use write_out::write_out;
