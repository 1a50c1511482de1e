package sluice.admin;

/**
 * Which replica answers.
 *
 * @param name by which other replicas know it
 */
public record ThisReplica(String name) {}
