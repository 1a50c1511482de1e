package sluice.proxy.socket;

/**
 * A text message.
 *
 * @param characters what it says
 * @param bytes      its length as UTF-8
 */
record Text(String characters, int bytes) {}
