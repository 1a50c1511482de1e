package sluice.calls;

/** What a tenant's answered calls of one model have used in some time. */
public record PastUse(String tenant, String model, long calls, long tokens, long picodollars) {}
