package io.jenkins.plugins.cockroachdb.simulator;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether two clusters may replicate. */
final class Admission {

    private static final Pattern MAJOR_VERSION = Pattern.compile("v(\\d+)\\.(\\d+).*");
    private static final Pattern CIDR = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)\\.(\\d+)/(\\d+)");

    private Admission() {}

    /**
     * Checks what the documentation lists as prerequisites.
     *
     * @throws ApiException if one is not met
     */
    static void check(ClusterSpec primary, ClusterSpec standby) {
        if (primary.id().equals(standby.id())) {
            throw ApiException.invalid("a cluster cannot replicate to itself: " + primary.id());
        }
        checkAlone(primary);
        checkAlone(standby);
        if (!primary.provider().equals(standby.provider())) {
            throw ApiException.invalid("both clusters must be on the same cloud provider, but " + primary.name()
                    + " is on " + primary.provider() + " and " + standby.name() + " on " + standby.provider());
        }
        boolean gcp = primary.provider().equals("GCP");
        if (gcp && overlap(primary.cidrRange(), standby.cidrRange())) {
            throw ApiException.invalid("the CIDR ranges of the clusters overlap: " + primary.name() + " has "
                    + primary.cidrRange() + ", " + standby.name() + " has " + standby.cidrRange());
        }
        if (!gcp && primary.regions().equals(standby.regions())) {
            throw ApiException.invalid(
                    "on " + primary.provider() + " the clusters must be in different regions, but both are in "
                            + primary.regions().get(0));
        }
        if (majorVersion(standby) < majorVersion(primary)) {
            throw ApiException.invalid("the standby must not be older than the primary, but " + standby.name()
                    + " runs " + standby.version() + " and " + primary.name() + " " + primary.version());
        }
    }

    private static void checkAlone(ClusterSpec cluster) {
        if (!cluster.state().equals("CREATED")) {
            throw ApiException.precondition("cluster " + cluster.name() + " is " + cluster.state() + ", not CREATED");
        }
        if (!cluster.plan().equals("ADVANCED")) {
            throw ApiException.invalid("physical cluster replication needs the ADVANCED plan, but " + cluster.name()
                    + " has " + cluster.plan());
        }
        if (cluster.regions().size() > 1) {
            throw ApiException.invalid("physical cluster replication needs clusters of a single region, but "
                    + cluster.name() + " spans " + String.join(", ", cluster.regions()));
        }
    }

    /** Year and number in one, so that v25.1 is later than v24.3; patches do not matter. */
    private static int majorVersion(ClusterSpec cluster) {
        Matcher matcher = MAJOR_VERSION.matcher(cluster.version());
        if (!matcher.matches()) {
            throw ApiException.invalid("cluster " + cluster.name() + " has no known version: " + cluster.version());
        }
        return Integer.parseInt(matcher.group(1)) * 100 + Integer.parseInt(matcher.group(2));
    }

    private static boolean overlap(String a, String b) {
        Matcher first = CIDR.matcher(a);
        Matcher second = CIDR.matcher(b);
        if (!first.matches() || !second.matches()) {
            return false; // a cluster that was made without a range of its own gets one of the provider's choice
        }
        int commonBits = Math.min(Integer.parseInt(first.group(5)), Integer.parseInt(second.group(5)));
        return address(first) >>> (32 - commonBits) == address(second) >>> (32 - commonBits);
    }

    private static long address(Matcher cidr) {
        long address = 0;
        for (int group = 1; group <= 4; group++) {
            address = address << 8 | Integer.parseInt(cidr.group(group));
        }
        return address;
    }
}
