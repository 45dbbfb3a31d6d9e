package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One look at everything that matters: both clusters, their streams, the proxies.
 *
 * @param at when the look began, by our clock
 * @param cloud what the cloud showed; empty when it could not be read
 * @param failure why it could not be read; empty when it could
 * @param proxies every named proxy; empty without proxies
 */
public record Sight(Instant at, Optional<Cloud> cloud, Optional<CloudException> failure, List<ProxyStatus> proxies) {

    /**
     * What the cloud showed.
     *
     * @param pair both clusters
     * @param streams every stream that touches either
     * @param time the cloud's clock then; null when the answer had no date
     */
    public record Cloud(Pair pair, StreamHistory streams, Instant time) {
        public Cloud {
            Objects.requireNonNull(pair, "pair");
            Objects.requireNonNull(streams, "streams");
        }
    }

    public Sight {
        Objects.requireNonNull(at, "at");
        proxies = List.copyOf(proxies);
        if (cloud.isPresent() == failure.isPresent()) {
            throw new IllegalArgumentException("either the cloud was seen, or there is a reason why not");
        }
    }

    /** A look that showed the cloud. */
    public static Sight of(Instant at, Cloud cloud, List<ProxyStatus> proxies) {
        return new Sight(at, Optional.of(cloud), Optional.empty(), proxies);
    }

    /** A look that did not show the cloud. */
    public static Sight without(Instant at, CloudException failure, List<ProxyStatus> proxies) {
        return new Sight(at, Optional.empty(), Optional.of(failure), proxies);
    }

    /** The same with a newer look at the proxies. */
    Sight withProxies(List<ProxyStatus> newer) {
        return new Sight(at, cloud, failure, newer);
    }

    /** Where clients of all proxies together can go; empty without proxies. */
    public Optional<Traffic> traffic() {
        return proxies.isEmpty()
                ? Optional.empty()
                : Optional.of(Traffic.together(
                        proxies.stream().map(ProxyStatus::traffic).toList()));
    }

    /** The names of the proxies whose traffic is one of these. */
    List<String> proxiesThatAre(Traffic... traffic) {
        List<Traffic> wanted = List.of(traffic);
        return proxies.stream()
                .filter(proxy -> wanted.contains(proxy.traffic()))
                .map(ProxyStatus::name)
                .toList();
    }

    /** The proxies whose traffic is one of these, in sentences; empty when there is none. */
    String describe(Traffic... traffic) {
        List<String> names = proxiesThatAre(traffic);
        return proxies.stream()
                .filter(proxy -> names.contains(proxy.name()))
                .map(proxy -> "Proxy " + proxy.name() + " is " + proxy.traffic().words()
                        + (proxy.detail().isEmpty() ? "." : " (" + proxy.detail() + ")."))
                .collect(Collectors.joining(" "));
    }
}
