package sluice.admin;

/**
 * Which replica answers.
 *
 * @param name other replicas know it by
 */
public record ThisReplica(String name) {}
