package io.jenkins.plugins.cockroachdb.cloud;

import java.util.List;

/**
 * What is deliberately disrupted in a cluster, as a disaster drill does it.
 *
 * @param regions one entry for each disrupted region; empty when nothing is disrupted
 */
public record Disruption(List<DisruptedRegion> regions) {

    public Disruption {
        regions = List.copyOf(regions);
    }

    /**
     * @param regionCode the provider's name of the region; never null
     * @param wholeRegion whether all of it is disrupted rather than single pods or zones
     */
    public record DisruptedRegion(String regionCode, boolean wholeRegion) {}
}
