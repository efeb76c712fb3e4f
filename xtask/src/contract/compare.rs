//! What differs between two descriptions of the same operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    operation::{Contents, Operation},
    schema::{Field, Kind, Rules, Shape},
};

/// Everything that differs, and where it was met.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The operations that show each difference.
    pub(super) differences: BTreeMap<Difference, BTreeSet<String>>,
    /// The operations in which each named schema of the contract is met.
    met: BTreeMap<(Way, String), BTreeSet<String>>,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// The schema of the contract that it lies in, if one has a name.
    schema: Option<(Way, String)>,
    place: String,
    pub(super) what: What,
}

/// Where a value goes: what is sent may be taken in more forms, what is answered has to be known in fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Sent,
    Answered,
}

/// In what way ours differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// The contract's clients neither send nor need it, or it was decided for them: the list has to have it.
    More(String),
    /// The contract's clients would break.
    Broken(String),
}

impl Findings {
    /// Compares everything that clients can see of an operation.
    pub(super) fn compare(&mut self, id: &str, contract: &Operation, ours: &Operation) {
        let mut at = Place { operation: id, schema: None, way: Way::Sent, path: id.to_owned() };
        let same = [
            ("method", &contract.method, &ours.method),
            ("path", &contract.path, &ours.path),
            ("tag", &contract.tag, &ours.tag),
        ];
        for (what, theirs, ours) in same {
            if theirs != ours {
                self.broken(&at, format!("the {what} is {ours} instead of {theirs}"));
            }
        }
        if contract.is_secured != ours.is_secured {
            self.broken(&at, "a token is wanted in one of them");
        }
        self.fields(&at, &contract.parameters, &ours.parameters);
        match (&contract.body, &ours.body) {
            (None, None) => {}
            (Some(_), None) => self.broken(&at.below("body"), "is not taken"),
            (None, Some(body)) if body.is_required => {
                self.broken(&at.below("body"), "has to be there");
            }
            (None, Some(_)) => self.more(&at.below("body"), "may be there"),
            (Some(theirs), Some(ours)) => {
                if ours.is_required && !theirs.is_required {
                    self.broken(&at.below("body"), "has to be there");
                }
                self.contents(&at.below("body"), &theirs.contents, &ours.contents);
            }
        }
        at.way = Way::Answered;
        for (status, theirs) in &contract.answers {
            match ours.answers.get(status) {
                Some(ours) => self.contents(&at.below(status), theirs, ours),
                None => self.broken(&at.below(status), "is not answered"),
            }
        }
        for status in ours.answers.keys().filter(|status| status.starts_with('2')) {
            if !contract.answers.contains_key(status) {
                self.more(&at.below(status), "is answered");
            }
        }
    }

    fn contents(&mut self, at: &Place<'_>, contract: &Contents, ours: &Contents) {
        // Where the contract says nothing about a body, ours may say what type it has.
        let is_open = |shape: &Shape| at.way == Way::Answered && shape.kinds == [Kind::Any];
        if contract.values().all(is_open) && contract.is_empty() == ours.is_empty() {
            return;
        }
        for (kind, theirs) in contract {
            match ours.get(kind) {
                Some(ours) => self.shape(at, theirs, ours),
                None => self.broken(at, format!("not as {kind}")),
            }
        }
        for kind in ours.keys().filter(|kind| !contract.contains_key(*kind)) {
            match at.way {
                Way::Sent => self.more(at, format!("as {kind}")),
                Way::Answered => self.broken(at, format!("as {kind}")),
            }
        }
    }

    fn shape(&mut self, at: &Place<'_>, contract: &Shape, ours: &Shape) {
        let named = contract.name.as_ref().map(|name| at.within(name));
        if let Some(key) = named.as_ref().and_then(|at| at.schema.clone()) {
            self.met.entry(key).or_default().insert(at.operation.to_owned());
        }
        if let (Some(theirs), Some(ours)) = (&contract.name, &ours.name)
            && theirs != ours
        {
            self.more(at, format!("is called {ours} instead of {theirs}"));
        }
        if ours.is_nullable && !contract.is_nullable {
            match at.way {
                Way::Sent => self.more(at, "may be null"),
                Way::Answered => self.broken(at, "may be null"),
            }
        }
        if contract.is_nullable && !ours.is_nullable && at.way == Way::Sent {
            self.broken(at, "may not be null");
        }
        self.kinds(named.as_ref().unwrap_or(at), &contract.kinds, &ours.kinds);
    }

    fn kinds(&mut self, at: &Place<'_>, contract: &[Kind], ours: &[Kind]) {
        if contract.contains(&Kind::Any) && (at.way == Way::Answered || ours.contains(&Kind::Any)) {
            return;
        }
        let mut rest: Vec<_> = ours.iter().collect();
        let mut lacking = Vec::new();
        for theirs in contract {
            let like = rest.iter().position(|ours| theirs.noun() == ours.noun());
            match like {
                Some(index) => self.kind(at, theirs, rest.remove(index)),
                None => lacking.push(theirs.noun()),
            }
        }
        let rest: Vec<_> = rest.into_iter().map(Kind::noun).collect();
        match (lacking.join(", "), rest.join(", ")) {
            (theirs, ours) if !theirs.is_empty() && !ours.is_empty() => {
                self.broken(at, format!("is {ours} instead of {theirs}"));
            }
            (theirs, _) if !theirs.is_empty() && at.way == Way::Sent => {
                self.broken(at, format!("may not be {theirs}"));
            }
            (_, ours) if !ours.is_empty() && at.way == Way::Sent => {
                self.more(at, format!("may be {ours}"));
            }
            (_, ours) if !ours.is_empty() => self.broken(at, format!("may be {ours}")),
            _ => {}
        }
    }

    /// Two kinds of the same noun.
    fn kind(&mut self, at: &Place<'_>, contract: &Kind, ours: &Kind) {
        match (contract, ours) {
            (Kind::Integer(theirs), Kind::Integer(ours))
            | (Kind::Number(theirs), Kind::Number(ours)) => self.rules(at, theirs, ours),
            (
                Kind::Text { format: their_format, values: their_values, rules: their_rules },
                Kind::Text { format, values, rules },
            ) => {
                if format != their_format {
                    let name =
                        |format: &Option<String>| format.clone().unwrap_or("none".to_owned());
                    let formats = (name(format), name(their_format));
                    self.broken(
                        at,
                        format!("has the format {} instead of {}", formats.0, formats.1),
                    );
                }
                self.values(at, their_values.as_ref(), values.as_ref());
                self.rules(at, their_rules, rules);
            }
            (Kind::List(theirs), Kind::List(ours)) => self.shape(&at.entry(), theirs, ours),
            (
                Kind::Object { fields: their_fields, others: their_others },
                Kind::Object { fields, others },
            ) => {
                self.fields(at, their_fields, fields);
                match (their_others, others) {
                    (Some(theirs), Some(ours)) => self.shape(&at.below("*"), theirs, ours),
                    (Some(_), None) => self.broken(at, "has no fields of any name"),
                    (None, Some(_)) => self.broken(at, "has fields of any name"),
                    (None, None) => {}
                }
            }
            _ => {}
        }
    }

    fn values(
        &mut self,
        at: &Place<'_>,
        contract: Option<&BTreeSet<String>>,
        ours: Option<&BTreeSet<String>>,
    ) {
        match (contract, ours) {
            (None, None) => {}
            (Some(_), None) => self.broken(at, "may be any text"),
            // What is answered may be known better than the contract knows it.
            (None, Some(_)) if at.way == Way::Answered => {}
            (None, Some(_)) => self.broken(at, "may not be any text"),
            (Some(theirs), Some(ours)) => {
                for value in theirs.difference(ours) {
                    self.broken(at, format!("is never {value:?}"));
                }
                for value in ours.difference(theirs) {
                    self.more(at, format!("may be {value:?}"));
                }
            }
        }
    }

    /// What the contract bounds, ours bounds in the same way; the contract leaves much without a bound that
    /// no column holds.
    fn rules(&mut self, at: &Place<'_>, contract: &Rules, ours: &Rules) {
        if at.way == Way::Answered {
            return;
        }
        for (word, theirs) in contract {
            match ours.get(word) {
                Some(ours) if ours == theirs => {}
                Some(ours) => self.broken(at, format!("has {word} {ours} instead of {theirs}")),
                None => self.broken(at, format!("has no {word}, the contract {theirs}")),
            }
        }
    }

    fn fields(
        &mut self,
        at: &Place<'_>,
        contract: &BTreeMap<String, Field>,
        ours: &BTreeMap<String, Field>,
    ) {
        for (name, theirs) in contract {
            let at = at.below(name);
            match ours.get(name) {
                Some(ours) => self.field(&at, theirs, ours),
                None => self.broken(&at, "is not there"),
            }
        }
        for (name, field) in ours.iter().filter(|(name, _)| !contract.contains_key(*name)) {
            let at = at.below(name);
            if at.way == Way::Sent && field.is_required {
                self.broken(&at, "has to be there");
            } else {
                self.more(&at, "is there");
            }
        }
    }

    fn field(&mut self, at: &Place<'_>, contract: &Field, ours: &Field) {
        match (at.way, contract.is_required, ours.is_required) {
            (Way::Sent, true, false) => self.more(at, "may be left out"),
            (Way::Sent, false, true) => self.broken(at, "has to be there"),
            (Way::Answered, true, false) => self.broken(at, "may be missing"),
            _ => {}
        }
        if at.way == Way::Sent && contract.default != ours.default {
            let value = |default: &Option<serde_json::Value>| {
                default.as_ref().map_or("nothing".to_owned(), ToString::to_string)
            };
            let (ours, theirs) = (value(&ours.default), value(&contract.default));
            self.more(at, format!("means {ours} instead of {theirs} when it is left out"));
        }
        self.shape(at, &contract.shape, &ours.shape);
    }

    fn more(&mut self, at: &Place<'_>, what: impl Into<String>) {
        self.add(at, What::More(what.into()));
    }

    fn broken(&mut self, at: &Place<'_>, what: impl Into<String>) {
        self.add(at, What::Broken(what.into()));
    }

    fn add(&mut self, at: &Place<'_>, what: What) {
        let difference = Difference { schema: at.schema.clone(), place: at.path.clone(), what };
        self.differences.entry(difference).or_default().insert(at.operation.to_owned());
    }

    /// A line for `difference`, or several where it shows in some of the operations alone that have the schema.
    pub(super) fn lines(&self, difference: &Difference) -> Vec<String> {
        let operations = &self.differences[difference];
        let everywhere =
            difference.schema.as_ref().is_none_or(|schema| self.met[schema] == *operations);
        if everywhere {
            return vec![difference.to_string()];
        }
        operations.iter().map(|operation| format!("{operation}: {difference}")).collect()
    }
}

/// Where a comparison stands.
#[derive(Debug, Clone)]
struct Place<'a> {
    operation: &'a str,
    way: Way,
    schema: Option<(Way, String)>,
    path: String,
}

impl Place<'_> {
    fn below(&self, name: &str) -> Self {
        let separator = if self.path == self.operation { " " } else { "." };
        Self { path: format!("{}{separator}{name}", self.path), ..self.clone() }
    }

    fn entry(&self) -> Self {
        Self { path: format!("{}[]", self.path), ..self.clone() }
    }

    /// In a schema that has a name, whatever leads there.
    fn within(&self, name: &str) -> Self {
        Self { schema: Some((self.way, name.to_owned())), path: name.to_owned(), ..self.clone() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.schema {
            Some((Way::Sent, _)) => "sent ",
            Some((Way::Answered, _)) => "answered ",
            None => "",
        };
        let (What::More(what) | What::Broken(what)) = &self.what;
        write!(f, "{way}{} {what}", self.place)
    }
}
