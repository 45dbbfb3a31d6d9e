package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The HTTP proxy that leads to the outside, as the environment names it.
 *
 * @param direct what is reached without it: names of hosts or domains, or {@code *} for everything
 */
record HttpProxy(String host, int port, List<String> direct) {

    /**
     * The proxy of {@code HTTPS_PROXY} with the exceptions of {@code NO_PROXY}, in capitals or not; empty when none is set.
     *
     * @throws UsageException if it is not an address of a proxy that we can use
     */
    static Optional<HttpProxy> of(Variables variables) {
        List<String> direct =
                List.of(variables.get("NO_PROXY", "no_proxy").orElse("").split("[,\\s]+"));
        return variables
                .get("HTTPS_PROXY", "https_proxy")
                .map(HttpProxy::address)
                .map(address -> new HttpProxy(address.getHost(), address.getPort(), direct));
    }

    /** Through the proxy or not, for one host. This very machine is never looked for outside. */
    ProxySelector towards(String target) {
        String name = target.toLowerCase(Locale.ROOT);
        boolean goesDirect = ApiUrl.isThisMachine(name)
                || direct.stream().anyMatch(entry -> covers(entry.toLowerCase(Locale.ROOT), name));
        return ProxySelector.of(goesDirect ? null : InetSocketAddress.createUnresolved(host, port));
    }

    private static URI address(String text) {
        try {
            URI uri = URI.create(text.contains("://") ? text : "http://" + text);
            if ("http".equalsIgnoreCase(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getPort() > 0
                    && uri.getPort() <= 65535
                    && uri.getRawUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Refused below, like every other address that cannot be used.
        }
        // The value stays out of the message: it may hold the password of a proxy.
        throw new UsageException("HTTPS_PROXY is not an address like http://proxy.example.com:3128."
                + " Proxies that ask for a user and a password are not supported.");
    }

    private static boolean covers(String entry, String host) {
        String domain = entry.startsWith(".") ? entry.substring(1) : entry;
        return entry.equals("*") || (!domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain)));
    }
}
