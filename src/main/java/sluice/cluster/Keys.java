package sluice.cluster;

/** The store's key names. All keys of one message share a hash tag, in braces. */
record Keys(String prefix) {

    String limit(String tenant, String limit) {
        return prefix + ":{tenant/" + tenant + "}:" + limit;
    }

    String account(String pool, String account) {
        return prefix + ":{pool/" + pool + "}:account/" + account;
    }

    String service(String pool) {
        return prefix + ":{pool/" + pool + "}:service";
    }

    String replicas() {
        return prefix + ":{state}:replicas";
    }

    String epoch() {
        return prefix + ":{state}:epoch";
    }

    String notices() {
        return prefix + ":{state}:notices";
    }

    /** An answer that replicas share. */
    String answer(String name) {
        return prefix + ":{" + name + "}:answer";
    }

    /** Who is making it. */
    String maker(String name) {
        return prefix + ":{" + name + "}:maker";
    }

    String questions() {
        return prefix + ":{state}:questions";
    }

    String answers(String question) {
        return prefix + ":{state}:answers/" + question;
    }
}
