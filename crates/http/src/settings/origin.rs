use std::fmt;

use url::{Host, Url};

/// Where a web page comes from, as browsers tell in `Origin`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
    any: bool,
}

impl Origin {
    /// Reads `https://example.org:8443`; `None` for anything else (`null`, a path, another scheme).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        bare.then(|| Self::of(&url))?
    }

    /// The origin of the page at `url`.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return None;
        }
        let host = match url.host()? {
            Host::Domain(domain) => domain.to_owned(),
            address => address.to_string(),
        };
        let port = url.port_or_known_default()?;
        Some(Self { scheme: url.scheme().to_owned(), host, port, any: false })
    }

    /// Whether this stands for every origin.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.any
    }

    /// The name of its server.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether both have the same scheme and port.
    #[must_use]
    pub fn has_door_of(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.port == other.port
    }

    /// Whether pages come from it encrypted, over the usual port.
    #[must_use]
    pub fn is_plain_https(&self) -> bool {
        self.scheme == "https" && self.port == 443
    }

    /// A list separated by commas, or a JSON list; `*` stands for every origin.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let expected = || "origins like https://example.org, separated by commas".to_owned();
        let entries: Vec<String> = if text.starts_with('[') {
            serde_json::from_str(text).map_err(|_| expected())?
        } else {
            text.split(',').map(str::to_owned).collect()
        };
        let entries = entries.iter().map(|entry| entry.trim()).filter(|entry| !entry.is_empty());
        entries.map(|entry| Self::parse_entry(entry).ok_or_else(expected)).collect()
    }

    fn parse_entry(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self { scheme: String::new(), host: String::new(), port: 0, any: true });
        }
        Self::parse(text)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.any {
            return f.write_str("*");
        }
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}
