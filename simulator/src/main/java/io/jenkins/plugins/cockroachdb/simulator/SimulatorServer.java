package io.jenkins.plugins.cockroachdb.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnectionFactory;
import org.apache.hc.core5.http.impl.io.HttpService;
import org.apache.hc.core5.http.io.HttpServerRequestHandler.ResponseTrigger;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.http.protocol.ResponseConnControl;
import org.apache.hc.core5.http.protocol.ResponseContent;

/**
 * Serves a simulated cloud over HTTP/1.1 on the loopback interface, with or without TLS. A thread of its own serves each
 * connection. Everything that waits (latency, drips, silence) waits for the server's end as well.
 */
public final class SimulatorServer implements AutoCloseable {

    private static final int BACKLOG = 512;

    /** No request needs more; of a larger one the beginning is read, which is refused as it does not parse. */
    private static final int LARGEST_BODY = 1 << 20;

    // Nothing that writes a date of its own: the only one that counts is that of the cloud's clock.
    private static final HttpProcessor HEADERS = HttpProcessorBuilder.create()
            .addAll(new ResponseContent(), new ResponseConnControl())
            .build();

    private final SimulatedEndpoint endpoint;
    private final ServerSocket listener;
    private final SSLContext tls;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private SimulatorServer(SimulatedEndpoint endpoint, ServerSocket listener, SSLContext tls) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.listener = listener;
        this.tls = tls;
    }

    /**
     * Serves HTTP.
     *
     * @param endpoint what answers
     * @param port the TCP port; 0 for any that is free
     * @throws IOException if the port is taken
     */
    public static SimulatorServer start(SimulatedEndpoint endpoint, int port) throws IOException {
        return start(endpoint, port, null);
    }

    /**
     * Serves HTTPS.
     *
     * @param endpoint what answers
     * @param port the TCP port; 0 for any that is free
     * @param tls with the key and certificate for {@code 127.0.0.1}; null serves HTTP
     * @throws IOException if the port is taken
     */
    public static SimulatorServer start(SimulatedEndpoint endpoint, int port, SSLContext tls) throws IOException {
        ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getByName("127.0.0.1"));
        SimulatorServer server = new SimulatorServer(endpoint, listener, tls);
        thread("listener-" + listener.getLocalPort(), server::accept);
        return server;
    }

    /** Where the server is, such as {@code http://127.0.0.1:8080}. */
    public URI uri() {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + listener.getLocalPort());
    }

    /** Ends the server and breaks every connection, whatever is under way on it. */
    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        open.forEach(SimulatorServer::reset);
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, "simulator-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                thread("connection-" + socket.getPort(), () -> serve(socket));
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                throw new UncheckedIOException("cannot accept connections any more", e);
            }
        }
    }

    private void serve(Socket socket) {
        HttpService service = new HttpService(
                HEADERS, (request, response, context) -> handle(socket, request, response), null, null, null);
        try (socket;
                DefaultBHttpServerConnection connection = connection(socket)) {
            // The listener may have accepted this one while close() was going through the others.
            while (connection.isOpen() && !listener.isClosed()) {
                service.handleRequest(connection, HttpCoreContext.create());
            }
        } catch (IOException | HttpException e) {
            // The connection is broken, by the client or on purpose; there is nobody to tell.
        } finally {
            open.remove(socket);
        }
    }

    private DefaultBHttpServerConnection connection(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        DefaultBHttpServerConnectionFactory factory =
                DefaultBHttpServerConnectionFactory.builder().build();
        if (tls == null) {
            return factory.createConnection(socket);
        }
        InputStream nothingReadYet = null;
        return factory.createConnection(
                (SSLSocket) tls.getSocketFactory().createSocket(socket, nothingReadYet, true), socket);
    }

    private void handle(Socket socket, ClassicHttpRequest request, ResponseTrigger response)
            throws IOException, HttpException {
        Delivery delivery = endpoint.exchange(received(request));
        if (delivery instanceof Delivery.Answer answer) {
            pause(answer.after());
            byte[] body = answer.response().body();
            response.submitResponse(
                    message(answer.response(), body.length == 0 ? null : new ByteArrayEntity(body, null)));
        } else if (delivery instanceof Delivery.CutShort cutShort) {
            pause(cutShort.after());
            response.submitResponse(message(cutShort.response(), body(cutShort.response(), (bytes, out) -> {
                out.write(bytes, 0, cutShort.bytesSent());
                out.flush();
                throw new IOException("cut short");
            })));
        } else if (delivery instanceof Delivery.Drip drip) {
            response.submitResponse(message(drip.response(), body(drip.response(), (bytes, out) -> {
                for (byte b : bytes) {
                    out.flush();
                    pause(drip.interval());
                    out.write(b);
                }
            })));
        } else if (delivery instanceof Delivery.Reset reset) {
            pause(reset.after());
            reset(socket);
        } else {
            awaitEnd(socket);
        }
    }

    private static HttpRequest received(ClassicHttpRequest request) throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (Header header : request.getHeaders()) {
            headers.merge(header.getName(), header.getValue(), (a, b) -> a + ", " + b);
        }
        HttpEntity entity = request.getEntity();
        byte[] body = entity == null ? new byte[0] : entity.getContent().readNBytes(LARGEST_BODY);
        return new HttpRequest(request.getMethod(), request.getPath(), headers, body);
    }

    private static ClassicHttpResponse message(HttpResponse response, HttpEntity entity) {
        ClassicHttpResponse message = new BasicClassicHttpResponse(response.status());
        response.headers().forEach(message::setHeader);
        message.setEntity(entity);
        return message;
    }

    private interface BodyWriter {
        void write(byte[] body, OutputStream out) throws IOException;
    }

    private static HttpEntity body(HttpResponse response, BodyWriter writer) {
        return new EntityTemplate(response.body().length, null, null, out -> writer.write(response.body(), out));
    }

    private void pause(Duration duration) throws IOException {
        try {
            if (closed.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the server was closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server was interrupted", e);
        }
    }

    /** Waits until the client gives up or the server is closed. */
    private static void awaitEnd(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        while (in.read() >= 0) {
            // whatever the client still sends
        }
        throw new IOException("the client gave up");
    }

    /** Closes a socket so that the other side sees a reset, not an orderly end. */
    private static void reset(Socket socket) {
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // closed already
        }
    }
}
