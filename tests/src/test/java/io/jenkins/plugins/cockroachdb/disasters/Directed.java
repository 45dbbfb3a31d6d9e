package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.History;
import io.jenkins.plugins.cockroachdb.disasters.Twist.Manner;
import io.jenkins.plugins.cockroachdb.disasters.Twist.When;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Schedules written by hand, for what chance brings about too seldom. */
final class Directed {

    private static final Twist ON_ORIGINAL_PRIMARY = new Twist.SentAtFirst(0, false, true);
    private static final Twist SLOW_SCAN = new Twist.Pace(
            Duration.ofMinutes(1),
            Duration.ofMinutes(12),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofMinutes(2));

    private Directed() {}

    static List<Schedule> schedules() {
        List<Schedule> all = new ArrayList<>(List.of(
                Schedule.with(),
                // Clients on a standby
                Schedule.with(new Twist.Past(History.REVERSE_LIVE), ON_ORIGINAL_PRIMARY, SLOW_SCAN),
                Schedule.with(new Twist.Past(History.PLANNED_SWITCHOVER), ON_ORIGINAL_PRIMARY),
                Schedule.with(new Twist.Past(History.TWO_LIVE)),
                Schedule.with(
                        new Twist.Past(History.REVERSE_LIVE),
                        ON_ORIGINAL_PRIMARY,
                        new Twist.CutOverByHand(When.at(Moment.BEGINNING))),
                Schedule.with(new Twist.Proxies(List.of()), new Twist.Canceled(When.at(Moment.STREAM_REPLICATES))),
                // A stream that is canceled under the fence
                Schedule.with(
                        new Twist.Proxies(List.of(Edge.Kind.HAPROXY, Edge.Kind.HAPROXY)),
                        new Twist.CommandRefused(When.at(Moment.FENCING), 0, 1),
                        new Twist.Canceled(When.at(Moment.FENCING))),
                Schedule.with(
                        new Twist.Silence(When.at(Moment.FENCED), 0, Duration.ofMinutes(5)),
                        new Twist.Canceled(When.after(Moment.FENCED, Duration.ofSeconds(1)))),
                Schedule.with(new Twist.Canceled(When.at(Moment.PROVEN))),
                // A proxy that opens at every stage, to A alone or to both
                Schedule.with(new Twist.Restart(
                        When.after(Moment.CUTTING_OVER, Duration.ofSeconds(2)), 0, Duration.ZERO, true)),
                Schedule.with(new Twist.Restart(When.at(Moment.PROVEN), 0, Duration.ofSeconds(1), false)),
                Schedule.with(
                        new Twist.Proxies(List.of(Edge.Kind.HAPROXY, Edge.Kind.HAPROXY)),
                        new Twist.Restart(When.at(Moment.COMPLETED), 1, Duration.ofSeconds(1), false),
                        new Twist.ReProtect())));
        for (Manner manner : Manner.values()) {
            all.add(Schedule.with(new Twist.Person(Gate.ERASE, 1, manner)));
            all.add(Schedule.with(new Twist.Person(Gate.CUT_OVER, 1, manner)));
        }
        for (FaultKind kind : FaultKind.values()) {
            all.add(Schedule.with(new Twist.RequestFault(Operation.LIST_STREAMS, 2, kind)));
            all.add(Schedule.with(new Twist.RequestFault(Operation.CREATE_STREAM, 1, kind)));
            all.add(Schedule.with(new Twist.RequestFault(Operation.UPDATE_STREAM, 1, kind)));
        }
        return all;
    }
}
