//! Answers to what no operation answers: an unknown path, or a known one with another method.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef, http::header::ALLOW, web::Data};
use serde_json::Value;

use crate::{
    error::Problem,
    openapi::{PREFIX, SHORT_PREFIX},
};

/// Every path that is served, with its methods.
pub(crate) struct KnownPaths(Vec<(ResourceDef, BTreeSet<String>)>);

impl KnownPaths {
    /// The operations of `document`, at both their addresses, and `pages`, which are only read.
    pub(crate) fn new(document: &Value, pages: &[&str]) -> Self {
        let mut known = Vec::new();
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            let methods: BTreeSet<_> = operations
                .as_object()
                .into_iter()
                .flatten()
                .map(|(m, _)| m.to_uppercase())
                .collect();
            let short = path.replacen(PREFIX, SHORT_PREFIX, 1);
            known.push((ResourceDef::new(short), methods.clone()));
            known.push((ResourceDef::new(path.as_str()), methods));
        }
        for page in pages {
            known.push((ResourceDef::new(*page), BTreeSet::from(["GET".to_owned()])));
        }
        Self(known)
    }

    /// The methods that `path` answers to; none when it isn't known.
    fn methods(&self, path: &str) -> Vec<&str> {
        let matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let methods: BTreeSet<_> = matching.flat_map(|(_, m)| m).map(String::as_str).collect();
        methods.into_iter().collect()
    }
}

/// The answer when no route fits.
pub(crate) async fn no_route(request: HttpRequest, known: Data<KnownPaths>) -> HttpResponse {
    let methods = known.methods(request.path());
    if methods.is_empty() {
        return HttpResponse::NotFound().json(Problem { detail: "Not Found".to_owned() });
    }
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, methods.join(", ")))
        .json(Problem { detail: "Method Not Allowed".to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_known_path_names_its_methods() {
        let document = json!({ "paths": {
            "/api/v1/users": { "get": {}, "post": {} },
            "/api/v1/users/{user_id}": { "get": {}, "delete": {} },
            "/api/v1/users/me": { "patch": {} },
        }});
        let known = KnownPaths::new(&document, &["/docs"]);
        assert_eq!(known.methods("/api/v1/users"), ["GET", "POST"]);
        assert_eq!(known.methods("/v1/users/5"), ["DELETE", "GET"]);
        assert_eq!(known.methods("/v1/users/me"), ["DELETE", "GET", "PATCH"]);
        assert_eq!(known.methods("/docs"), ["GET"]);
        assert!(known.methods("/v1/users/5/x").is_empty());
    }
}
