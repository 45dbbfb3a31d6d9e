package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.List;

/**
 * One verb at work at one proxy, as a story from top to bottom: it blocks its thread, and its {@link Deadline} ends it. Made for one
 * verb and closed after it.
 */
interface ProxyWork extends AutoCloseable {

    /** How long {@link #fence} may take beyond its deadline to leave clients as it found them. */
    Duration PUT_BACK = Duration.ofSeconds(5);

    /** @throws ProxyFailure if the proxy cannot be read */
    ProxyStatus status() throws ProxyFailure;

    /** @throws ProxyFailure if the fence is not proven; then clients are where they were, or the message says that they are not */
    ProxyStatus fence(Duration drain) throws ProxyFailure;

    /** @throws ProxyFailure if the fence is not proven; then what was closed stays closed */
    ProxyStatus fenceAtOnce() throws ProxyFailure;

    /** @throws ProxyFailure if clients were not seen to be on A */
    ProxyStatus unfence() throws ProxyFailure;

    /** @throws ProxyFailure if A is open, which changes nothing, or if clients were not seen to be on P */
    ProxyStatus release() throws ProxyFailure;

    /** @throws ProxyFailure if the proxy cannot be read */
    List<ProxyFinding> findings() throws ProxyFailure;

    /** Why a release is refused. */
    static ProxyFailure isOpen(String seen) {
        return new ProxyFailure("Clients reach A: " + seen + ".", "Fence this proxy first, and release it then.");
    }

    @Override
    void close();
}
