package io.jenkins.plugins.cockroachdb.cloud;

import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Moves one request to the server and its answer back, once: no retry, no redirect, no judgement. It is the only place
 * with network I/O, and the seam at which a simulation replaces it.
 */
public interface Transport {

    /** The most bytes of an answer that are read. */
    int LARGEST_BODY = 4 * 1024 * 1024;

    /** Starts the exchange. Does not block and does not throw; the request is on the wire at most once. */
    Exchange send(Request request);

    /** A request under way. */
    interface Exchange {

        /**
         * Ends with the response as soon as there is a status, whatever is wrong with its body; exceptionally with an
         * {@link IOException} when there is none.
         */
        CompletableFuture<Response> response();

        /** Gives the exchange up. Idempotent; {@link #response()} may then end in any way, or not at all. */
        void abandon();

        /**
         * Whether a byte of the request may have reached the wire. Final once the response ended or the exchange was
         * abandoned: when this is then false, the server has not seen the request and never will.
         */
        boolean maybeSent();
    }

    /**
     * @param headers names in any case
     * @param body null for none
     */
    record Request(String method, URI uri, Map<String, String> headers, byte[] body) {

        public Request {
            headers = Map.copyOf(headers);
        }

        /** Without headers and body, which hold secrets. */
        @Override
        public String toString() {
            return method + " " + uri;
        }
    }

    /**
     * @param headers the last value of each name; look-up ignores case
     * @param body what was read, at most {@link #LARGEST_BODY} bytes; never null
     * @param bodyFlaw a clause that tells why the body is incomplete, such as "broke off after 12 bytes"; null when it is
     *     complete
     */
    record Response(int status, Map<String, String> headers, byte[] body, String bodyFlaw) {

        public Response {
            TreeMap<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            anyCase.putAll(headers);
            headers = Collections.unmodifiableMap(anyCase);
        }

        @Override
        public String toString() {
            return "HTTP " + status + ", " + body.length + " bytes";
        }
    }
}
