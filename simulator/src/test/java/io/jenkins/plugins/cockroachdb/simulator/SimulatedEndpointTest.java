package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which request meets which fault, what that does to it, and what is counted. */
class SimulatedEndpointTest {

    private final Pair pair = new Pair();
    private final Faults faults = new Faults();
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(pair.cloud, faults);

    @Test
    void withoutFaultsEveryRequestIsAnsweredAtOnce() {
        Delivery delivery = list();
        assertThat(delivery).isInstanceOf(Delivery.Answer.class);
        assertThat(((Delivery.Answer) delivery).after()).isZero();
        assertThat(status(delivery)).isEqualTo(200);
    }

    @Test
    void aFaultMeetsTheRequestOfItsOperationAndNumberFromNowOn() {
        list();
        faults.on(Operation.LIST_STREAMS, 2, Fault.of(FaultKind.INTERNAL_ERROR));
        faults.on(Operation.LIST_STREAMS, 4, Fault.of(FaultKind.UNAVAILABLE));

        assertThat(status(list())).isEqualTo(200);
        assertThat(status(send("GET", Caller.CLUSTERS, ""))).isEqualTo(200);
        assertThat(status(list())).isEqualTo(500);
        assertThat(status(list())).isEqualTo(200);
        assertThat(status(list())).isEqualTo(503);
        assertThat(status(list())).isEqualTo(200);
    }

    @Test
    void aFaultForEveryRequestStaysUntilItIsClearedAndGivesWayToOneForASingleRequest() {
        faults.always(Operation.LIST_STREAMS, Fault.of(FaultKind.INTERNAL_ERROR));
        faults.on(Operation.LIST_STREAMS, 2, Fault.of(FaultKind.REQUEST_TIMEOUT));

        assertThat(status(list())).isEqualTo(500);
        assertThat(status(list())).isEqualTo(408);
        assertThat(status(list())).isEqualTo(500);
        faults.clear();
        assertThat(status(list())).isEqualTo(200);
    }

    @Test
    void aRequestIsNumberedFromOne() {
        Fault fault = Fault.of(FaultKind.UNAVAILABLE);
        assertThatIllegalArgumentException().isThrownBy(() -> faults.on(Operation.GET_CLUSTER, 0, fault));
    }

    @ParameterizedTest
    @EnumSource
    void aFaultSaysWhetherTheRequestTakesEffectAllTheSame(FaultKind kind) {
        faults.on(Operation.CREATE_STREAM, 1, Fault.of(kind));
        create();
        assertThat(pair.cloud.streamIds(pair.active, pair.originalPrimary)).hasSize(kind.hasEffect() ? 1 : 0);
    }

    @Test
    void onlyErrorsBeforeTheEffectAndOneResetLeaveACloudUntouched() {
        assertThat(FaultKind.values())
                .filteredOn(kind -> !kind.hasEffect())
                .containsExactlyInAnyOrder(
                        FaultKind.TOO_MANY_REQUESTS,
                        FaultKind.REQUEST_TIMEOUT,
                        FaultKind.INTERNAL_ERROR,
                        FaultKind.BAD_GATEWAY,
                        FaultKind.UNAVAILABLE,
                        FaultKind.UNAVAILABLE_RETRY_AT_ONCE,
                        FaultKind.REDIRECT,
                        FaultKind.RESET_BEFORE_EFFECT);
    }

    @ParameterizedTest
    @EnumSource(names = {"INTERNAL_ERROR", "MALFORMED_BODY"})
    void someFaultsEchoTheKeySoThatClientsCanShowThatTheyHideIt(FaultKind kind) {
        faults.on(Operation.LIST_STREAMS, 1, Fault.of(kind));
        assertThat(((Delivery.Answer) list()).response().text()).contains(pair.caller.key());
    }

    @Test
    void aRequestDoesNotShowItsKey() {
        assertThat(request("GET", Caller.STREAMS, "")).hasToString("GET " + Caller.STREAMS);
    }

    @Test
    void retryAfterIsUpToTheFault() {
        faults.on(Operation.LIST_STREAMS, 1, Fault.of(FaultKind.TOO_MANY_REQUESTS));
        faults.on(
                Operation.LIST_STREAMS, 2, Fault.of(FaultKind.TOO_MANY_REQUESTS).withRetryAfter("120"));
        faults.on(Operation.LIST_STREAMS, 3, Fault.of(FaultKind.UNAVAILABLE_RETRY_AT_ONCE));
        faults.on(Operation.LIST_STREAMS, 4, Fault.of(FaultKind.UNAVAILABLE));

        assertThat(((Delivery.Answer) list()).response().header("Retry-After")).contains("1");
        assertThat(((Delivery.Answer) list()).response().header("Retry-After")).contains("120");
        assertThat(((Delivery.Answer) list()).response().header("Retry-After")).contains("0");
        assertThat(((Delivery.Answer) list()).response().header("Retry-After")).isEmpty();
    }

    @Test
    void everyFaultCanBeLate() {
        faults.on(Operation.LIST_STREAMS, 1, Fault.of(FaultKind.BAD_GATEWAY).withDelay(ofSeconds(9)));
        faults.on(
                Operation.LIST_STREAMS,
                2,
                Fault.of(FaultKind.RESET_AFTER_EFFECT).withDelay(ofSeconds(9)));
        assertThat(((Delivery.Answer) list()).after()).isEqualTo(ofSeconds(9));
        assertThat(list()).isEqualTo(new Delivery.Reset(ofSeconds(9)));
        assertThatIllegalArgumentException().isThrownBy(() -> Fault.latency(ofSeconds(-1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fault.of(FaultKind.SLOW_DRIP).withDelay(Duration.ZERO));
    }

    @Test
    void countsAndLogsWhatArrivesWhateverBecomesOfIt() {
        faults.on(Operation.LIST_STREAMS, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        list();
        list();
        send("GET", "/nowhere", "");

        assertThat(endpoint.received(Operation.LIST_STREAMS)).isEqualTo(2);
        assertThat(endpoint.received(Operation.CREATE_STREAM)).isZero();
        assertThat(endpoint.log())
                .containsExactly(
                        new ReceivedRequest(Pair.START, Operation.LIST_STREAMS, "GET", Caller.STREAMS, 0),
                        new ReceivedRequest(Pair.START, Operation.LIST_STREAMS, "GET", Caller.STREAMS, 200),
                        new ReceivedRequest(Pair.START, null, "GET", "/nowhere", 404));

        endpoint.forget();
        assertThat(endpoint.log()).isEmpty();
        assertThat(endpoint.received(Operation.LIST_STREAMS)).isZero();
    }

    @Test
    void writesAreThoseThatChangeSomething() {
        assertThat(Operation.values())
                .filteredOn(Operation::isWrite)
                .containsExactly(Operation.CREATE_STREAM, Operation.UPDATE_STREAM);
    }

    private Delivery list() {
        return send("GET", Caller.STREAMS, "");
    }

    private Delivery create() {
        return send(
                "POST",
                Caller.STREAMS,
                "{\"primary_cluster_id\":\"%s\",\"standby_cluster_id\":\"%s\"}"
                        .formatted(pair.active, pair.originalPrimary));
    }

    private Delivery send(String method, String target, String body) {
        return endpoint.exchange(request(method, target, body));
    }

    private HttpRequest request(String method, String target, String body) {
        return new HttpRequest(
                method,
                target,
                Map.of("Authorization", "Bearer " + pair.caller.key(), "Content-Type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static int status(Delivery delivery) {
        return ((Delivery.Answer) delivery).response().status();
    }
}
