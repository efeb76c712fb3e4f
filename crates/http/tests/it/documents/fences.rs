/// A fenced block of a document.
#[derive(Debug)]
pub(super) struct Fence {
    /// Where its text begins, counted from 1.
    pub(super) line: usize,
    /// What stands behind the opening ticks.
    pub(super) info: String,
    pub(super) lines: Vec<String>,
}

/// The blocks of a document, in their order.
pub(super) fn fences(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Fence { line: index + 2, info: info.to_owned(), lines: Vec::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(fence)) => fence.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is never closed: {open:?}");
    found
}

impl Fence {
    /// What the document says that it prints.
    pub(super) fn answer(&self, all: &[Self]) -> Option<String> {
        let next = all.iter().find(|fence| fence.line > self.line)?;
        (next.info == "text").then(|| next.lines.join("\n"))
    }

    /// Whether it only prepares what comes next.
    pub(super) fn is_quiet(&self) -> bool {
        let last =
            self.lines.iter().rev().find(|line| line.starts_with(|c: char| !c.is_whitespace()));
        let first = last.and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        [".", "export", "kill", "edgeos"].contains(&first) || first.contains('=')
    }

    /// What it gives a value to: that must not be empty.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let is_name = name.chars().all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c));
            // Else it is a variable of one command.
            let stays = value.starts_with("$(") || !value.contains(' ');
            (is_name && stays).then_some(name)
        })
    }
}

#[test]
fn blocks_are_found_with_what_they_print() {
    let all = fences(
        "a\n```sh\nONE=$(echo 1)\nTWO=2 env\n```\n\n```text\nTWO=2\n```\n```sh no-run\nx\n```\n",
    );
    let found: Vec<_> = all.iter().map(|fence| (fence.line, fence.info.as_str())).collect();
    assert_eq!(found, [(3, "sh"), (8, "text"), (11, "sh no-run")]);
    assert_eq!(all[0].answer(&all).as_deref(), Some("TWO=2"));
    assert_eq!(all[0].variables().collect::<Vec<_>>(), ["ONE"]);
    assert_eq!(all[2].answer(&all), None);
}
