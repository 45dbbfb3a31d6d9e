package io.jenkins.plugins.cockroachdb.traffic;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** A real proxy between clients and the pair. */
interface RealProxy extends AutoCloseable {

    /** Starts one that sends clients to A. */
    interface Starter {
        RealProxy start(Path directory, RealPair pair);
    }

    /** The kinds that there are. */
    enum Kind {
        HAPROXY {
            @Override
            RealProxy start(Path directory, RealPair pair) {
                return HaProxyUnderLoad.start(directory, pair);
            }

            @Override
            RealProxy startForgetful(Path directory, RealPair pair) {
                return HaProxyUnderLoad.startWithoutStateFile(directory, pair);
            }
        },

        PGBOUNCER {
            @Override
            RealProxy start(Path directory, RealPair pair) {
                return PgBouncerUnderLoad.start(directory, pair);
            }

            @Override
            RealProxy startForgetful(Path directory, RealPair pair) {
                return PgBouncerUnderLoad.startWithItsFirstFileAgain(directory, pair);
            }
        };

        /** Configured as docs/examples has it: a fence survives a restart. */
        abstract RealProxy start(Path directory, RealPair pair);

        /** One that sends clients to A whenever it is started. */
        abstract RealProxy startForgetful(Path directory, RealPair pair);
    }

    /** As a person describes it to a failback. */
    String description();

    /** The environment variables that its description speaks of. */
    Map<String, String> environment();

    /** A client of the application, with TLS. */
    Connection connect() throws SQLException;

    /** Kills it as a power cut would. */
    void kill();

    /** Starts it again, once it was killed. */
    void start();

    /** Kills it and starts it again. */
    default void restart() {
        kill();
        start();
    }

    @Override
    void close();
}
