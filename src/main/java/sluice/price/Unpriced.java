package sluice.price;

/** What happens to calls of a model without a price if the tenant has a budget. */
public enum Unpriced {
    /** It is refused. */
    REFUSE,
    /** It counts as a call of the dearest model that has a price. */
    DEAREST,
    /** It counts as free. */
    FREE
}
