package io.jenkins.plugins.cockroachdb.cloud;

import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;

/**
 * The transport of production, on OkHttp.
 *
 * <p>OkHttp repeats requests by itself in more cases than its switches tell: measured with 4.11, a POST answered 503 with
 * {@code Retry-After: 0} is sent twice even without {@code retryOnConnectionFailure}, and a 307 resends the body. That switch
 * has to stay on, for without it a host with several addresses is given up after the first that does not answer. So a network
 * interceptor, the last station before the wire, lets each exchange pass once, whatever OkHttp has in mind; and for the cases
 * that are known, the body is one-shot, redirects are off and Retry-After is not shown to OkHttp.
 */
public final class OkHttpTransport implements Transport, AutoCloseable {

    /** Enough for the budget of a key, few enough for a Jenkins controller. */
    private static final int READ_THREADS = 3;

    /** A write never waits behind reads that hang, nor behind one other write. */
    private static final int WRITE_THREADS = 2;

    private static final String RETRY_AFTER = "Retry-After";

    private final OkHttpClient reads;
    private final OkHttpClient writes;

    private OkHttpTransport(OkHttpClient base) {
        OkHttpClient.Builder builder = base.newBuilder();
        // An interceptor of somebody else's could log the key or answer from memory.
        builder.interceptors().clear();
        builder.networkInterceptors().clear();
        OkHttpClient safe = builder.cache(null)
                .retryOnConnectionFailure(true)
                .followRedirects(false)
                .followSslRedirects(false)
                .addNetworkInterceptor(OkHttpTransport::passOnce)
                .build();
        reads = safe.newBuilder()
                .dispatcher(dispatcher("reads", READ_THREADS))
                .connectionPool(new ConnectionPool(READ_THREADS, 1, TimeUnit.MINUTES))
                .build();
        // A write gets a new connection: one that was silently dropped while idle would leave its fate unknown.
        writes = safe.newBuilder()
                .dispatcher(dispatcher("writes", WRITE_THREADS))
                .connectionPool(new ConnectionPool(0, 1, TimeUnit.NANOSECONDS))
                .build();
    }

    /**
     * A transport with the connection settings of a given client, such as that of Jenkins with its proxy, but without its
     * interceptors, cache, dispatcher and connections. The client itself stays as it is.
     */
    public static OkHttpTransport basedOn(OkHttpClient client) {
        return new OkHttpTransport(client);
    }

    /** A transport with the given connection settings. */
    public static OkHttpTransport with(Connection connection) {
        return new OkHttpTransport(connection.client());
    }

    /**
     * How to connect. Immutable; start with {@link #DEFAULT}.
     *
     * @param connectLimit for TCP and TLS each
     * @param readLimit the longest silence within an answer
     * @param proxies picks the HTTP proxy; null for the JVM's own choice
     * @param certificates certificate authorities to trust beside those of the JVM
     */
    public record Connection(
            Duration connectLimit,
            Duration readLimit,
            ProxySelector proxies,
            Collection<? extends X509Certificate> certificates) {

        /** Ten seconds each, no proxy of our own, the JVM's certificate authorities. */
        public static final Connection DEFAULT =
                new Connection(Duration.ofSeconds(10), Duration.ofSeconds(10), null, List.of());

        public Connection withLimits(Duration connectLimit, Duration readLimit) {
            return new Connection(connectLimit, readLimit, proxies, certificates);
        }

        public Connection through(ProxySelector proxies) {
            return new Connection(connectLimit, readLimit, proxies, certificates);
        }

        /**
         * Trusts the certificate authorities of a PEM file too, as a company's TLS inspection needs it.
         *
         * @throws IOException with a message for a person if the file cannot be read or holds no certificate
         */
        public Connection trusting(Path pemFile) throws IOException {
            if (!Files.isReadable(pemFile)) {
                throw new IOException("The CA file " + pemFile + " does not exist or cannot be read.");
            }
            try (InputStream in = Files.newInputStream(pemFile)) {
                Collection<X509Certificate> found =
                        CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                                .map(X509Certificate.class::cast)
                                .toList();
                if (found.isEmpty()) {
                    throw new IOException("The CA file " + pemFile + " holds no certificate.");
                }
                return new Connection(connectLimit, readLimit, proxies, found);
            } catch (GeneralSecurityException e) {
                throw new IOException("The CA file " + pemFile + " is not a PEM file of certificates.");
            }
        }

        private OkHttpClient client() {
            OkHttpClient.Builder builder = new OkHttpClient.Builder()
                    .connectTimeout(connectLimit)
                    .readTimeout(readLimit)
                    .writeTimeout(readLimit);
            if (proxies != null) {
                builder.proxySelector(new AwayFromHere(proxies));
            }
            if (!certificates.isEmpty()) {
                X509TrustManager trust = trustManager();
                builder.sslSocketFactory(sslContext(trust).getSocketFactory(), trust);
            }
            return builder.build();
        }

        private X509TrustManager trustManager() {
            try {
                KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
                anchors.load(null, null);
                int number = 0;
                for (Certificate certificate : trustManager(null).getAcceptedIssuers()) {
                    anchors.setCertificateEntry("jvm-" + number++, certificate);
                }
                for (Certificate certificate : certificates) {
                    anchors.setCertificateEntry("own-" + number++, certificate);
                }
                return trustManager(anchors);
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("The certificate authorities cannot be loaded: " + e.getMessage(), e);
            }
        }

        private static X509TrustManager trustManager(KeyStore anchors) throws GeneralSecurityException {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(anchors);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .map(X509TrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        }

        private static SSLContext sslContext(X509TrustManager trust) {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {trust}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
            }
        }
    }

    /** Whatever a selector thinks of it, what is meant for this machine does not leave it, least of all in clear text. */
    private static final class AwayFromHere extends ProxySelector {
        private final ProxySelector proxies;

        AwayFromHere(ProxySelector proxies) {
            this.proxies = proxies;
        }

        @Override
        public List<Proxy> select(URI uri) {
            return ApiUrl.isThisMachine(uri.getHost()) ? List.of(Proxy.NO_PROXY) : proxies.select(uri);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {
            proxies.connectFailed(uri, address, failure);
        }
    }

    @Override
    public Exchange send(Request request) {
        boolean write = request.body() != null;
        OkHttpExchange exchange = new OkHttpExchange();
        okhttp3.Request.Builder builder = new okhttp3.Request.Builder()
                .url(request.uri().toString())
                .headers(Headers.of(request.headers()))
                .method(request.method(), write ? new OneShot(request.body()) : null)
                .tag(OkHttpExchange.class, exchange);
        exchange.start((write ? writes : reads).newCall(builder.build()));
        return exchange;
    }

    /** Ends idle threads and connections. Exchanges under way go on to their end. */
    @Override
    public void close() {
        reads.dispatcher().executorService().shutdown();
        writes.dispatcher().executorService().shutdown();
        reads.connectionPool().evictAll();
        writes.connectionPool().evictAll();
    }

    private static okhttp3.Response passOnce(Interceptor.Chain chain) throws IOException {
        OkHttpExchange exchange = chain.request().tag(OkHttpExchange.class);
        exchange.pass();
        try {
            okhttp3.Response response = chain.proceed(chain.request());
            exchange.retryAfter = response.header(RETRY_AFTER);
            return response.newBuilder().header(RETRY_AFTER, "1").build(); // "not at once", to OkHttp
        } catch (IOException e) {
            exchange.end = e;
            throw e;
        }
    }

    private static Dispatcher dispatcher(String name, int threads) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(threads, threads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "cockroach-cloud-" + name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        Dispatcher dispatcher = new Dispatcher(executor);
        dispatcher.setMaxRequests(threads);
        dispatcher.setMaxRequestsPerHost(threads);
        return dispatcher;
    }

    private static final class OkHttpExchange implements Exchange, Callback {

        private enum Stage {
            BEFORE_THE_WIRE,
            ON_THE_WIRE,
            NEVER_ON_THE_WIRE
        }

        private final CompletableFuture<Response> response = new CompletableFuture<>();
        private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.BEFORE_THE_WIRE);
        private Call call;

        // Written and read by the one thread on which OkHttp carries the call out.
        private IOException end;
        private String retryAfter;

        void start(Call call) {
            this.call = call;
            call.enqueue(this);
        }

        /** @throws IOException for whoever comes second or too late; how the first ended, if it did not end well */
        void pass() throws IOException {
            if (!stage.compareAndSet(Stage.BEFORE_THE_WIRE, Stage.ON_THE_WIRE)) {
                throw end != null ? end : new IOException("it is not sent again");
            }
        }

        @Override
        public CompletableFuture<Response> response() {
            return response;
        }

        @Override
        public void abandon() {
            stage.compareAndSet(Stage.BEFORE_THE_WIRE, Stage.NEVER_ON_THE_WIRE);
            call.cancel();
        }

        @Override
        public boolean maybeSent() {
            return stage.get() == Stage.ON_THE_WIRE;
        }

        @Override
        public void onFailure(Call call, IOException failure) {
            response.completeExceptionally(failure);
        }

        @Override
        public void onResponse(Call call, okhttp3.Response answer) {
            try (answer) {
                Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                answer.headers().forEach(header -> headers.put(header.getFirst(), header.getSecond()));
                headers.remove(RETRY_AFTER);
                if (retryAfter != null) {
                    headers.put(RETRY_AFTER, retryAfter);
                }
                Buffer body = new Buffer();
                String flaw = readInto(body, answer.body().source());
                response.complete(new Response(answer.code(), headers, body.readByteArray(), flaw));
            }
        }

        /** Returns what is wrong with the body, null when it is whole. */
        private static String readInto(Buffer body, BufferedSource source) {
            try {
                while (body.size() < LARGEST_BODY) {
                    if (source.read(body, LARGEST_BODY - body.size()) < 0) {
                        return null;
                    }
                }
                return source.exhausted() ? null : "is larger than 4 MiB";
            } catch (IOException e) {
                return "broke off after " + body.size() + " bytes";
            }
        }
    }

    private static final class OneShot extends RequestBody {
        private final byte[] bytes;

        OneShot(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public MediaType contentType() {
            return null; // the request's own header says it
        }

        @Override
        public long contentLength() {
            return bytes.length;
        }

        @Override
        public boolean isOneShot() {
            return true;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.write(bytes);
        }
    }
}
