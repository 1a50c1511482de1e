package sluice.config;

import sluice.tenancy.Access;
import sluice.yaml.Section;
import sluice.yaml.Values;

/** Reads how the callers of a plan's or a tenant's prove who they are. */
final class AccessReader {

    /** Whether an identity, a token or a client certificate, must stand beside the key. */
    private enum Identity {
        OPTIONAL, REQUIRED
    }

    private AccessReader() {}

    /** @param inherited for a tenant, its plan's */
    static Access read(Section section, Access inherited) {
        Identity identity = section.word("identity", inherited.both() ? Identity.REQUIRED : Identity.OPTIONAL);
        return new Access(identity == Identity.REQUIRED, section.list("from", Values.network(), inherited.from()));
    }
}
