package io.jenkins.plugins.cockroachdb.cloud;

import java.net.URI;
import java.util.regex.Pattern;

/**
 * Where the Cloud API is. Only https, because the key travels to it; http only to this very machine, for a simulator.
 *
 * @param base without a slash at its end
 */
public record ApiUrl(URI base) {

    // Above the constant that is checked against it.
    private static final Pattern VERSION_PATH = Pattern.compile(".*/api/v1(/.*)?", Pattern.CASE_INSENSITIVE);

    /** The public service. */
    public static final ApiUrl COCKROACH_LABS = of("https://cockroachlabs.cloud");

    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1]", Pattern.CASE_INSENSITIVE);

    public ApiUrl {
        String scheme = base.getScheme();
        if (scheme == null || base.getHost() == null || base.isOpaque()) {
            throw refused("is not an address like https://cockroachlabs.cloud");
        }
        if (base.getPort() == 0 || base.getPort() > 65535) {
            throw refused("has a port that does not exist");
        }
        if (base.getRawUserInfo() != null || base.getRawQuery() != null || base.getRawFragment() != null) {
            throw refused("must not hold a user, a query or a fragment");
        }
        if (VERSION_PATH.matcher(base.getRawPath()).matches()) {
            throw refused("must end before /api/v1, which is added to it");
        }
        boolean plainToThisMachine = scheme.equalsIgnoreCase("http") && isThisMachine(base.getHost());
        if (!scheme.equalsIgnoreCase("https") && !plainToThisMachine) {
            throw refused("must begin with https:// (http:// only to this machine), because the API key travels to it");
        }
    }

    /**
     * @param text such as {@code https://cockroachlabs.cloud}; slashes at its end are dropped
     * @throws IllegalArgumentException with a message for a person if the key must not be sent there
     */
    public static ApiUrl of(String text) {
        URI uri;
        try {
            uri = URI.create(text.strip().replaceAll("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw refused("is not an address like https://cockroachlabs.cloud");
        }
        return new ApiUrl(uri);
    }

    // The address itself stays out of the message: somebody may have pasted the key into its field.
    private static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("The API URL " + why + ". Nothing was sent.");
    }

    /** Whether a host of an address is this very machine, by its name alone. */
    public static boolean isThisMachine(String host) {
        return LOOPBACK.matcher(host).matches();
    }

    URI resolve(String pathAndQuery) {
        return URI.create(base + pathAndQuery);
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
