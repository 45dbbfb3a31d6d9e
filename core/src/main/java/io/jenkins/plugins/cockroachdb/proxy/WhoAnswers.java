package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * Which cluster answers where applications connect, as far as the certificate tells that it shows in a TLS handshake; nobody logs in.
 *
 * <p>That works through a proxy that passes TLS on, such as HAProxy in TCP mode. It is a second opinion beside the proxy's own
 * {@linkplain Proxy#status status}, and no proof against anybody: a certificate is read and compared, not verified.
 *
 * @param who never null
 * @param reason a sentence for a person: what was seen, or why nobody can tell; never null
 */
public record WhoAnswers(Who who, String reason) {

    /** The answer in a word. */
    public enum Who {
        /** A answers. */
        ACTIVE,
        /** P answers. */
        ORIGINAL_PRIMARY,
        /** Neither is said: nobody may answer, or either. */
        CANNOT_TELL
    }

    /** CockroachDB's port for SQL. */
    private static final int SQL_PORT = 26257;

    /** How long a resolver may go on when the time is over. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    public WhoAnswers {
        Objects.requireNonNull(who, "who");
        Objects.requireNonNull(reason, "reason");
    }

    /**
     * One of the two clusters.
     *
     * @param sqlDns its name; null when unknown
     * @param direct where it is reached without the proxy; null when unknown
     */
    record Candidate(String sqlDns, PgAddress direct) {

        static Candidate of(String sqlDns) {
            try {
                return new Candidate(sqlDns, sqlDns == null ? null : new PgAddress(sqlDns, SQL_PORT));
            } catch (IllegalArgumentException e) {
                return new Candidate(null, null);
            }
        }
    }

    /** Nobody can be identified, because of this. */
    private static final class CannotTell extends Exception {
        private static final long serialVersionUID = 1L;

        CannotTell(String reason) {
            super(reason);
        }
    }

    /**
     * Looks, without blocking. Where the certificate's names fit both clusters, both are asked for theirs directly, at port 26257.
     *
     * <p>The name sent to the server (SNI) is the host of the address, where it is a name with a dot: as pgjdbc does it, so that what
     * chooses by it chooses as for an application.
     *
     * @param clients where applications connect to the proxy
     * @param activeSqlDns A's {@code sql_dns} in the Cloud API; null when unknown
     * @param originalPrimarySqlDns P's; null when unknown
     * @param limit how long at most, and a second
     * @return ends exceptionally only for a defect: whatever goes wrong out there is an answer
     */
    public static CompletableFuture<WhoAnswers> at(
            PgAddress clients,
            String activeSqlDns,
            String originalPrimarySqlDns,
            ProxyEnvironment environment,
            Duration limit) {
        return at(clients, Candidate.of(activeSqlDns), Candidate.of(originalPrimarySqlDns), environment, limit);
    }

    static CompletableFuture<WhoAnswers> at(
            PgAddress clients,
            Candidate active,
            Candidate originalPrimary,
            ProxyEnvironment environment,
            Duration limit) {
        CompletableFuture<WhoAnswers> result = new CompletableFuture<>();
        Deadline deadline = new Deadline(environment.timer(), limit);
        Future<?> last = environment
                .timer()
                .schedule(
                        () -> result.complete(
                                cannotTell("Nobody answers at " + clients + " within " + limit.toMillis() + " ms.")),
                        limit.plus(GRACE).toNanos(),
                        TimeUnit.NANOSECONDS);
        result.whenComplete((answer, failure) -> {
            last.cancel(false);
            if (result.isCancelled()) {
                deadline.cut();
            }
        });
        environment.io().execute(() -> {
            try (deadline) {
                result.complete(new Look(active, originalPrimary, deadline).at(clients));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static WhoAnswers cannotTell(String reason) {
        return new WhoAnswers(Who.CANNOT_TELL, reason);
    }

    /** One look, which blocks. */
    private record Look(Candidate active, Candidate originalPrimary, Deadline deadline) {

        WhoAnswers at(PgAddress clients) {
            try {
                return read(clients);
            } catch (CannotTell e) {
                return cannotTell(e.getMessage());
            }
        }

        private WhoAnswers read(PgAddress clients) throws CannotTell {
            if (active.sqlDns() == null || originalPrimary.sqlDns() == null) {
                throw new CannotTell("The Cloud API gives no sql_dns for the "
                        + (active.sqlDns() == null ? "active cluster" : "original primary")
                        + ", so no certificate can be compared with it.");
            }
            X509Certificate shown = certificate(clients);
            CertificateNames names = CertificateNames.of(shown);
            boolean isActive = names.include(active.sqlDns());
            boolean isOriginal = names.include(originalPrimary.sqlDns());
            String seen = "The certificate shown at " + clients + " is for " + names.words();
            if (isActive && isOriginal) {
                return compared(clients, shown, seen);
            }
            if (!isActive && !isOriginal) {
                throw new CannotTell(seen + ", neither for " + active.sqlDns() + " nor for " + originalPrimary.sqlDns()
                        + ". A proxy that ends TLS itself, as PgBouncer does, shows its own.");
            }
            return isActive
                    ? new WhoAnswers(Who.ACTIVE, seen + ": the active cluster, " + active.sqlDns() + ".")
                    : new WhoAnswers(
                            Who.ORIGINAL_PRIMARY, seen + ": the original primary, " + originalPrimary.sqlDns() + ".");
        }

        /** For names that fit both clusters. */
        private WhoAnswers compared(PgAddress clients, X509Certificate shown, String seen) throws CannotTell {
            seen = seen + ", which fits both clusters. ";
            X509Certificate ofActive = direct(active, "active cluster", seen);
            X509Certificate ofOriginal = direct(originalPrimary, "original primary", seen);
            if (ofActive.equals(ofOriginal)) {
                throw new CannotTell(seen + "Asked directly, both show the same one.");
            }
            if (shown.equals(ofActive)) {
                return new WhoAnswers(Who.ACTIVE, seen + "Asked directly, the active cluster shows this very one.");
            }
            if (shown.equals(ofOriginal)) {
                return new WhoAnswers(
                        Who.ORIGINAL_PRIMARY, seen + "Asked directly, the original primary shows this very one.");
            }
            throw new CannotTell(seen + "Asked directly, neither of them shows this very one.");
        }

        private X509Certificate direct(Candidate cluster, String role, String seen) throws CannotTell {
            try {
                return certificate(cluster.direct());
            } catch (CannotTell e) {
                throw new CannotTell(seen + "The " + role + " cannot be compared: " + e.getMessage());
            }
        }

        /** What a server shows after PostgreSQL's request for TLS. */
        private X509Certificate certificate(PgAddress address) throws CannotTell {
            if (address.isUnixSocket()) {
                throw new CannotTell("There is no TLS over a Unix socket such as " + address + ".");
            }
            try (Socket plain = new Socket()) {
                deadline.guard(plain);
                plain.connect(new InetSocketAddress(address.host(), address.port()));
                if (!PgSocket.agreesToTls(plain)) {
                    throw new CannotTell("Who answers at " + address + " offers no TLS, and so shows no certificate.");
                }
                // Closing the plain socket is enough: a server that waits for the login sees it end.
                SSLSocket secured = PgTls.withAnybody().secure(plain, address);
                return (X509Certificate) secured.getSession().getPeerCertificates()[0];
            } catch (SSLException e) {
                throw new CannotTell("The TLS handshake at " + address + " failed (" + ProxyFailure.words(e) + ").");
            } catch (IOException e) {
                throw new CannotTell("Nobody answers at " + address + " as PostgreSQL does ("
                        + (deadline.isOver() ? "the time is over" : why(e))
                        + "). That is so behind a fence, and of a standby, which takes no connection before the cutover is"
                        + " completed.");
            } catch (ProxyFailure e) {
                throw new IllegalStateException("there is no CA file that could be wrong", e);
            }
        }

        private static String why(IOException failure) {
            return failure instanceof UnknownHostException ? "its name is unknown" : ProxyFailure.words(failure);
        }
    }
}
