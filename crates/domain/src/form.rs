/// A part of the application form that comes with the popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// Who the applicant is.
    Profile,
    /// What the attendee directory leaves out.
    InfoNotShared,
    /// Who comes along.
    Companions,
    /// What the applicant asks for.
    Scholarship,
}
