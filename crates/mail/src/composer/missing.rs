//! Variables without a value.
//!
//! In a mail they are nothing. In a preview they stand for what a mail will show: they print their own name,
//! count as there, and stay what they are through arithmetic and filters. The language knows neither, so the
//! instructions that would fail are replaced by calls of the operations here.

use std::{collections::BTreeSet, fmt, sync::Arc};

use minijinja::{
    Environment, Error, State, UndefinedBehavior, Value, context,
    machinery::{Instruction, Instructions},
    value::{Enumerator, Object, ObjectRepr, ValueKind},
};

/// What a variable without a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// Empty text, false, no items.
    Nothing,
    /// Its own name in braces, true, no items.
    Placeholder,
}

/// The longest path that is shown, in bytes.
const PATH_MAX: usize = 500;

/// Stands for a value that a mail will have.
#[derive(Debug)]
struct Placeholder(String);

impl Object for Placeholder {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let step = match (key.as_str(), key.kind()) {
            (Some(name), _) => format!(".{name}"),
            (None, ValueKind::Number | ValueKind::Bool) => format!("[{key}]"),
            _ => "[…]".to_owned(),
        };
        // A path that leads nowhere any more stays where it is.
        let is_short = self.0.len() + step.len() <= PATH_MAX;
        Some(Value::from_object(Self(if is_short {
            self.0.clone() + &step
        } else {
            self.0.clone()
        })))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{ {} }}}}", self.0)
    }
}

/// The variables of a preview: those that are known, and placeholders.
#[derive(Debug)]
struct Previewed {
    known: Value,
    /// Names that aren't variables.
    functions: BTreeSet<String>,
}

impl Object for Previewed {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if let Some(value) = self.known.get_attr(name).ok().filter(|value| !value.is_undefined()) {
            return Some(value);
        }
        let is_variable = !self.functions.contains(name);
        is_variable.then(|| Value::from_object(Placeholder(name.to_owned())))
    }
}

/// `known` with a placeholder for every other variable; `functions` are none.
pub(super) fn with_placeholders(known: &Value, functions: BTreeSet<String>) -> Value {
    Value::from_object(Previewed { known: known.clone(), functions })
}

/// Makes `instructions` bear values that are missing.
pub(super) fn tolerate(instructions: &mut Instructions<'_>, lack: Lack) {
    let mut index = 0;
    while let Some(instruction) = instructions.get_mut(index) {
        index += 1;
        let operation = match instruction {
            Instruction::Add => Some(("+", 2)),
            Instruction::Sub => Some(("-", 2)),
            Instruction::Mul => Some(("*", 2)),
            Instruction::Div => Some(("/", 2)),
            Instruction::IntDiv => Some(("//", 2)),
            Instruction::Rem => Some(("%", 2)),
            Instruction::Pow => Some(("**", 2)),
            Instruction::Neg => Some(("negative", 1)),
            Instruction::ApplyFilter(name, Some(count), _) => {
                let known = FILTERS.iter().find(|(filter, _)| filter == name);
                known.map(|(_, operation)| (*operation, *count))
            }
            Instruction::Lt if lack == Lack::Placeholder => Some(("<", 2)),
            Instruction::Lte if lack == Lack::Placeholder => Some(("<=", 2)),
            Instruction::Gt if lack == Lack::Placeholder => Some((">", 2)),
            Instruction::Gte if lack == Lack::Placeholder => Some((">=", 2)),
            Instruction::In if lack == Lack::Placeholder => Some(("in", 2)),
            _ => None,
        };
        if let Some((name, count)) = operation {
            *instruction = Instruction::CallFunction(name, Some(count));
        }
    }
}

/// Adds what [`tolerate`] calls. No template can name it: the names are none.
pub(super) fn add_operations(environment: &mut Environment<'static>) {
    for (name, expression) in ARITHMETIC {
        environment.add_global(*name, Value::from_object(Arithmetic { name, expression }));
    }
    for name in COMPARISONS {
        environment.add_global(*name, Value::from_object(Comparison(name)));
    }
    for (filter, operation) in FILTERS {
        environment.add_global(*operation, Value::from_object(Filter(filter)));
    }
}

/// What is computed, as an expression over `a` and `b`.
const ARITHMETIC: &[(&str, &str)] = &[
    ("+", "a + b"),
    ("-", "a - b"),
    ("*", "a * b"),
    ("/", "a / b"),
    ("//", "a // b"),
    ("%", "a % b"),
    ("**", "a ** b"),
    ("negative", "-a"),
];

const COMPARISONS: &[&str] = &["<", "<=", ">", ">=", "in"];

/// Pairs of filters and the operations that apply them.
macro_rules! filters {
    ($($name:literal),* $(,)?) => { &[$(($name, concat!("|", $name))),*] };
}

/// Filters that a missing value passes through. `default` is none of them.
const FILTERS: &[(&str, &str)] = filters![
    "abs",
    "attr",
    "batch",
    "capitalize",
    "count",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
];

/// Filters that fail on nothing, and shall leave it nothing instead.
const NUMERIC: &[&str] = &["abs", "float", "int", "round", "striptags", "truncate", "wordcount"];

/// Work that is charged for an operation besides its result.
const OPERATION_COST: u64 = 4;

#[derive(Debug)]
struct Arithmetic {
    name: &'static str,
    expression: &'static str,
}

impl Object for Arithmetic {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        if let Some(lacking) = args.iter().find(|value| lacks(value)) {
            return Ok(lacking.clone());
        }
        state.consume_fuel(OPERATION_COST)?;
        // The operators themselves are only to be had through an expression. What they make of two values is
        // limited by the fuel that is left, and charged as the result of a call.
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(state.fuel_levels().map(|(_, left)| left));
        let nothing = Value::UNDEFINED;
        let [a, b] = [args.first(), args.get(1)].map(|value| value.unwrap_or(&nothing));
        let expression = environment.compile_expression(self.expression)?;
        expression.eval(context! { a, b }).map_err(|error| {
            let detail = error.detail().unwrap_or(self.name).to_owned();
            Error::new(error.kind(), detail)
        })
    }
}

#[derive(Debug)]
struct Comparison(&'static str);

/// Work that is charged for comparing lists.
const LIST_COST: u64 = 10_000;

impl Object for Comparison {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let [left, right] = args else { return Err(super::language::invalid("two values")) };
        if placeholder(left) || placeholder(right) {
            return Ok(true.into());
        }
        let cost = |value: &Value| match value.kind() {
            ValueKind::String => value.as_str().map_or(0, |text| text.len() as u64 / 64),
            ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => LIST_COST,
            _ => 1,
        };
        state.consume_fuel(cost(left) + cost(right))?;
        Ok(match self.0 {
            "<" => left < right,
            "<=" => left <= right,
            ">" => left > right,
            ">=" => left >= right,
            _ => state.perform_test("in", args)?,
        }
        .into())
    }
}

#[derive(Debug)]
struct Filter(&'static str);

impl Object for Filter {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let first = args
            .first()
            .filter(|value| placeholder(value) || NUMERIC.contains(&self.0) && lacks(value));
        if let Some(first) = first {
            return Ok(first.clone());
        }
        // `"%.2f"|format(amount)`
        if self.0 == "format"
            && let Some(lacking) = args.iter().find(|value| lacks(value))
        {
            return Ok(lacking.clone());
        }
        // Reading a text is work too.
        let read =
            args.iter().filter_map(|value| value.as_str()).map(|text| text.len() as u64 / 64);
        state.consume_fuel(read.sum())?;
        state.apply_filter(self.0, args)
    }
}

fn lacks(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || placeholder(value)
}

fn placeholder(value: &Value) -> bool {
    value.downcast_object_ref::<Placeholder>().is_some()
}
