package io.jenkins.plugins.cockroachdb.proxy;

/** HAProxy's Runtime API at one socket: a command line, and the text that answers it. */
interface RuntimeApi {

    /** Where a Runtime API is found. A socket in production; a model of HAProxy in a simulation. */
    interface Network {
        /** Nothing is reached for before the first command. After the deadline every command fails. */
        RuntimeApi at(RuntimeAddress address, Deadline deadline);
    }

    /**
     * Says one command and reads the whole reply.
     *
     * @return without the empty line that ends it; empty for what succeeded silently, and refusals as they stand
     * @throws ProxyFailure if there was no whole reply
     */
    String ask(String command) throws ProxyFailure;
}
