package sluice.openai;

/** What a call takes of the upstream's quota, by which its route is told apart. */
public enum Spends {
    /** Nothing of a model's quota: it looks at or changes what the account keeps. */
    NOTHING,
    /** One request. */
    REQUEST,
    /** One request, and the tokens that go in. */
    INPUT,
    /** One request, and the tokens of both input and answer. */
    ANSWER
}
