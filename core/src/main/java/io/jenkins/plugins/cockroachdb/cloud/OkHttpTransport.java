package io.jenkins.plugins.cockroachdb.cloud;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * {@code Retry-After: 0} is sent twice even without {@code retryOnConnectionFailure}, and a 307 resends the body. So the
 * switches are off, the body is one-shot, and a network interceptor, the last station before the wire, lets each exchange
 * pass once.
 */
public final class OkHttpTransport implements Transport, AutoCloseable {

    /** Enough for the budget of a key, few enough for a Jenkins controller. */
    private static final int READ_THREADS = 3;

    private final OkHttpClient reads;
    private final OkHttpClient writes;

    private OkHttpTransport(OkHttpClient base) {
        OkHttpClient safe = base.newBuilder()
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                .addNetworkInterceptor(OkHttpTransport::passOnce)
                .build();
        reads = safe.newBuilder().dispatcher(dispatcher("reads", READ_THREADS)).build();
        // Writes have a thread of their own: none waits behind reads that hang.
        writes = safe.newBuilder().dispatcher(dispatcher("writes", 1)).build();
    }

    /**
     * A transport with the connection settings of a given client, such as that of Jenkins with its proxy. The client
     * itself stays as it is.
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
                builder.proxySelector(proxies);
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
    }

    private static okhttp3.Response passOnce(Interceptor.Chain chain) throws IOException {
        OkHttpExchange exchange = chain.request().tag(OkHttpExchange.class);
        if (!exchange.mayPass()) {
            throw new IOException("Not sent: given up, or sent before.");
        }
        okhttp3.Response response = chain.proceed(chain.request());
        // OkHttp takes a 503 with "Retry-After: 0" as leave to send again at once. It never gets to see that header.
        return response.code() == 503 && "0".equals(response.header("Retry-After"))
                ? response.newBuilder().removeHeader("Retry-After").build()
                : response;
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

        void start(Call call) {
            this.call = call;
            call.enqueue(this);
        }

        boolean mayPass() {
            return stage.compareAndSet(Stage.BEFORE_THE_WIRE, Stage.ON_THE_WIRE);
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
                Map<String, String> headers = new HashMap<>();
                answer.headers().forEach(header -> headers.put(header.getFirst(), header.getSecond()));
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
