package sluice.openai;

/** What a call takes from the upstream's quota, fixed for each route. */
public enum Spends {
    /** None of a model's quota: it only reads or changes what the account stores. */
    NOTHING,
    /** One request. */
    REQUEST,
    /** One request and the input tokens. */
    INPUT,
    /** One request and the tokens of both input and answer. */
    ANSWER
}
