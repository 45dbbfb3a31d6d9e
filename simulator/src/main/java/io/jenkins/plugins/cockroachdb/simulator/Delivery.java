package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;

/** What the wire does with one request, once the cloud has done its part. Real and virtual transports carry it out. */
public sealed interface Delivery {

    /**
     * Sends an answer.
     *
     * @param after how long after the request
     * @param response the whole answer
     */
    record Answer(Duration after, HttpResponse response) implements Delivery {}

    /**
     * Breaks the connection without an answer.
     *
     * @param after how long after the request
     */
    record Reset(Duration after) implements Delivery {}

    /**
     * Sends the beginning of an answer, with the length of all of it, and closes the connection.
     *
     * @param after how long after the request
     * @param response the whole answer
     * @param bytesSent how much of its body is sent
     */
    record CutShort(Duration after, HttpResponse response, int bytesSent) implements Delivery {}

    /**
     * Sends the head of an answer at once and then its body, one byte at a time.
     *
     * @param response the whole answer; its body is long enough to outlast every time-out
     * @param interval the time before each byte
     */
    record Drip(HttpResponse response, Duration interval) implements Delivery {}

    /** Sends nothing and keeps the connection open. */
    record Silence() implements Delivery {}
}
