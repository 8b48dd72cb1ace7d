//! What a plugin shows the operator: data, never HTML. The desk renders it.

use serde::{Deserialize, Serialize};

/// One thing that `diagnose` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether it is all right.
    pub ok: bool,
    /// What was looked at and what was found.
    pub line: String,
    /// What to do about it; empty when it is all right.
    pub hint: String,
}

/// What the desk shows of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Label and value.
    pub facts: Vec<(String, String)>,
    /// Tables, each with a title, column names and rows.
    pub tables: Vec<Table>,
    /// Forms the operator may send.
    pub forms: Vec<Form>,
}

/// A table on a [`Page`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its title.
    pub title: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

/// A form on a [`Page`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Its name, which comes back in [`Act::form`].
    pub name: String,
    /// The words on its button.
    pub button: String,
    /// Name and label of each field.
    pub fields: Vec<(String, String)>,
}

/// A form that the operator has sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The form's name.
    pub form: String,
    /// Name and value of each field.
    pub fields: Vec<(String, String)>,
}
