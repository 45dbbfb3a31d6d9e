package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;

/** HAProxy that passes TLS through. */
final class HaProxyUnderLoad implements RealProxy {

    private static final String BACKEND = "cockroach_backend";

    private final RealHaProxy haProxy;

    private HaProxyUnderLoad(RealHaProxy haProxy) {
        this.haProxy = haProxy;
    }

    /** As docs/examples has it, once somebody has said that A serves. */
    static HaProxyUnderLoad start(Path directory, RealPair pair) {
        HaProxyUnderLoad proxy = new HaProxyUnderLoad(start(directory, pair, example -> example));
        proxy.haProxy.ask("set server " + BACKEND + "/standby state ready");
        proxy.saveState();
        return proxy;
    }

    /** With what many have: no state file, and A open by configuration. */
    static HaProxyUnderLoad startWithoutStateFile(Path directory, RealPair pair) {
        return new HaProxyUnderLoad(start(directory, pair, example -> example.replaceAll(
                        "(?m)^.*(load-server-state-from-file|server-state-file) .*$", "")
                .replaceAll("(?m)^(.* server standby .*) disabled$", "$1")));
    }

    private static RealHaProxy start(Path directory, RealPair pair, UnaryOperator<String> change) {
        return RealHaProxy.start(directory, pair.active.port(), pair.originalPrimary.port(), change);
    }

    private void saveState() {
        try {
            Files.writeString(haProxy.stateFile(), haProxy.ask("show servers state"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String description() {
        return "haproxy:" + haProxy.socket() + "?stateFile=" + haProxy.stateFile();
    }

    @Override
    public Map<String, String> environment() {
        return Map.of();
    }

    @Override
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.put("user", RealPostgres.APP);
        properties.put("password", RealPostgres.PASSWORD);
        properties.put("sslmode", "require");
        properties.put("prepareThreshold", "0");
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + haProxy.port() + "/" + RealPostgres.APP, properties);
    }

    /** How many clients it has let through to a server since it was started, and how many are there now. */
    Sessions sessions(String server) {
        String[] names = null;
        for (String line : haProxy.ask("show stat").split("\n")) {
            String[] values = line.replaceFirst("^# ", "").split(",");
            if (names == null) {
                names = values;
            } else if (values.length > 1 && values[0].equals(BACKEND) && values[1].equals(server)) {
                List<String> columns = List.of(names);
                return new Sessions(
                        Integer.parseInt(values[columns.indexOf("stot")]),
                        Integer.parseInt(values[columns.indexOf("scur")]));
            }
        }
        throw new IllegalStateException("no such server: " + server);
    }

    /** Sessions of a server. */
    record Sessions(int total, int now) {}

    @Override
    public void kill() {
        haProxy.kill();
    }

    @Override
    public void start() {
        haProxy.start();
    }

    @Override
    public void close() {
        haProxy.kill();
    }
}
