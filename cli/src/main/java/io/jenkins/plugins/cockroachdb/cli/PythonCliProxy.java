package io.jenkins.plugins.cockroachdb.cli;

import java.util.Optional;

/**
 * The two proxies as the Python CLI that users come from knows them, by its settings and defaults: {@code --proxy haproxy} and {@code
 * --proxy pgbouncer}. Its PgBouncer has the line in pgbouncer.ini itself, here it is in a file which that includes.
 */
final class PythonCliProxy {

    private PythonCliProxy() {}

    /**
     * The description of the proxy with that name; empty if it is not one of the two.
     *
     * @throws UsageException if a setting is missing
     */
    static Optional<String> named(String name, Variables variables) {
        return switch (name) {
            case "haproxy" -> Optional.of("haproxy:/var/run/haproxy/admin.sock?name=haproxy&backend=cockroach_backend"
                    + "&primary=primary&standby=standby");
            case "pgbouncer" -> Optional.of("pgbouncer:127.0.0.1:6432?name=pgbouncer&database=cockroachdb"
                    + "&file=/etc/pgbouncer/databases.ini&user=admin&primary=" + dns(variables, "PRIMARY_SQL_DNS")
                    + ":26257&standby=" + dns(variables, "STANDBY_SQL_DNS") + ":26257");
            default -> Optional.empty();
        };
    }

    private static String dns(Variables variables, String name) {
        return variables
                .get(name)
                .orElseThrow(() -> new UsageException("--proxy pgbouncer needs " + name
                        + ", the SQL DNS name of the cluster. Set it, or describe the proxy in full."));
    }
}
