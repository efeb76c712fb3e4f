/// Why an order isn't priced, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingRefusal {
    /// An amount was chosen for something that has a price.
    #[error("a custom amount is possible for patron products only")]
    CustomAmountOfOther,
    /// An amount was chosen for several units.
    #[error("a product with a custom amount is sold once per attendee")]
    CustomAmountOfSeveral,
    /// Less than the product's price, more than can be paid, or a fraction of a cent.
    #[error("the custom amount must be at least the product's price, in whole cents")]
    CustomAmount,
    /// A product that the popup doesn't sell, or not any more.
    #[error("a product of this order is not available")]
    ProductUnavailable,
    /// Somebody whom the application doesn't bring.
    #[error("an attendee of this order does not belong to the application")]
    ForeignAttendee,
    /// A ticket for somebody else, a kid's for an adult for example.
    #[error("a ticket of this order is not meant for that attendee")]
    AttendeeCategory,
    /// An exclusive ticket along with another one.
    #[error("an exclusive ticket can't be combined with other tickets")]
    Exclusive,
    /// More than there is.
    #[error("a product of this order is sold out")]
    SoldOut,
    /// Patron products are bought in an order of their own.
    #[error("a patron product can't be added while changing passes")]
    PatronInEdit,
    /// Everything is held already.
    #[error("there is nothing to buy in this order")]
    NothingToBuy,
    /// More than can be paid, or kept as credit.
    #[error("the amount of this order is too large")]
    TooLarge,
}
