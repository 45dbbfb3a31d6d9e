package io.jenkins.plugins.cockroachdb.proxy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The proxy of a simulated cloud, which exists nowhere else: whoever has that cloud puts its proxy in the place of this description.
 *
 * @param name the proxy's name, unique within a failback
 * @param active id of the simulated cluster that is active (A)
 * @param originalPrimary id of the simulated original primary (P)
 */
public record SimulatedDescription(String name, String active, String originalPrimary) implements ProxyDescription {

    public SimulatedDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(active, "active");
        Objects.requireNonNull(originalPrimary, "originalPrimary");
    }

    /** From {@code simulated:NAME?primary=CLUSTER_ID&standby=CLUSTER_ID}. */
    static SimulatedDescription of(DescriptionText text) {
        return new SimulatedDescription(text.place(), text.require("standby"), text.require("primary"));
    }

    @Override
    public Optional<String> agent() {
        return Optional.empty();
    }

    @Override
    public List<String> commands(Verb verb) {
        String to =
                switch (verb) {
                    case FENCE -> "nowhere";
                    case UNFENCE -> active;
                    case RELEASE -> originalPrimary;
                };
        return List.of("simulated: clients go to " + to);
    }

    /** A proxy of which nobody knows anything. */
    @Override
    public Proxy connect(ProxyEnvironment environment) {
        return SeenProxy.of(ProxyStatus.unknown(
                name, "A simulated proxy exists only beside its simulated cloud, and this is another place."));
    }
}
