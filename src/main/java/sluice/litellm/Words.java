package sluice.litellm;

/** What LiteLLM calls something, and what we call it. */
record Words(String theirs, String ours) {}
