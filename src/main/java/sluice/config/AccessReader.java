package sluice.config;

import sluice.tenancy.Access;

/** Reads how the callers of a plan's or a tenant's prove who they are. */
final class AccessReader {

    /** Whether an identity, a token or a client certificate, must stand beside the key. */
    private enum Identity {
        OPTIONAL, REQUIRED
    }

    private AccessReader() {}

    /** @param inherited for a tenant, its plan's */
    static Access read(Section section, Access inherited) {
        Identity identity = section.value("identity", Values.word(Identity.class),
                inherited.both() ? Identity.REQUIRED : Identity.OPTIONAL);
        return new Access(identity == Identity.REQUIRED,
                section.list("from", Values.network(), inherited.from()));
    }
}
