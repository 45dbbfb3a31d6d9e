package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.FENCED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;

import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Rows 5 and 6: the cutover is completed. Clients go to P, and nothing sends them back to A. */
final class HomeStage extends Stage {

    HomeStage(Situation situation, Sight.Cloud cloud) {
        super(situation, cloud);
    }

    /** Row 5: ours. */
    Action completed(ReplicationStream stream) {
        if (proxied && lossOfAnUnprovenCutover().isPresent()) {
            return lossOfAnUnprovenCutover().get();
        }
        if (!proxied || traffic(ON_ORIGINAL_PRIMARY) == ON_ORIGINAL_PRIMARY) {
            return verified(() -> home(stream));
        }
        // An opening that this run watched is closed again (R4); whoever went back to A before may have meant it.
        boolean askFirst = traffic(ON_ORIGINAL_PRIMARY) == ON_ACTIVE && !record.sawFenceInThisRun();
        return askFirst
                ? gate(stream, () -> bringHome(stream, "Clients wrote to " + a + " after the cutover."))
                : bringHome(stream, openedAfterTheFence(a));
    }

    /** Row 6: somebody else's. */
    Action completedByOthers(ReplicationStream stream) {
        if (!proxied) {
            return verified(() -> alreadyHome(p + " is a cluster of its own since " + stream.activatedAt()
                    + ": already home; traffic unknown. If home is " + a + ", the two cluster ids are exchanged."));
        }
        if (isBringingHome(stream) || homeApproval(stream).isPresent()) {
            return traffic(ON_ORIGINAL_PRIMARY) == ON_ORIGINAL_PRIMARY
                    ? verified(() -> alreadyHome(p + " serves."))
                    : bringHome(stream, "Clients wrote to " + a + " after the cutover.");
        }
        return switch (traffic(ON_ORIGINAL_PRIMARY)) {
            case ON_ORIGINAL_PRIMARY -> verified(() -> alreadyHome(p + " serves: already home."));
            case UNKNOWN -> untilProxiesAnswer(() -> finish(
                    fenceStands() ? Outcome.IN_DOUBT : Outcome.REFUSED,
                    "The cutover is completed, and nobody can tell where clients are. " + proxies(UNKNOWN)
                            + " Mend the proxies and run again."));
            case FENCED, ON_ACTIVE, MIXED -> gate(
                    stream, () -> bringHome(stream, "Clients wrote to " + a + " after the cutover."));
        };
    }

    // ---- Traffic

    /** What an earlier run began was ended by whoever put clients back on A. */
    private boolean isBringingHome(ReplicationStream stream) {
        boolean inThisRun = record.hasUsedInThisRun(Gate.GO_HOME, stream.id(), Call.FENCE)
                || record.hasUsedInThisRun(Gate.GO_HOME, stream.id(), Call.RELEASE);
        boolean ever = record.hasUsed(Gate.GO_HOME, stream.id(), Call.FENCE)
                || record.hasUsed(Gate.GO_HOME, stream.id(), Call.RELEASE);
        return inThisRun || (ever && traffic(ON_ORIGINAL_PRIMARY) != ON_ACTIVE);
    }

    private Optional<Entry.Approved> homeApproval(ReplicationStream stream) {
        return approval(Gate.GO_HOME, stream.id(), pair.originalPrimary().id());
    }

    /** Clients may have written to A after the cutover, or the cutover was somebody else's: a person decides. */
    private Action gate(ReplicationStream stream, Decision approved) {
        if (isBringingHome(stream) || homeApproval(stream).isPresent()) {
            return approved.decide();
        }
        Optional<Entry.NotApproved> no = record.refusal(Gate.GO_HOME);
        if (no.isPresent() || record.abortRequested()) {
            boolean nothingOfOurs = !fenceStands() && !record.mayHaveHadEffect(Call.INITIATE_CUTOVER);
            return finish(
                    traffic(ON_ACTIVE) != FENCED && nothingOfOurs ? Outcome.REFUSED : Outcome.IN_DOUBT,
                    "The cutover is completed, and traffic was not moved to " + p + ": "
                            + no.map(Stage::answer).orElse("The run was aborted.") + " Traffic is "
                            + traffic(ON_ACTIVE).words() + ". What clients write to " + a + " is missing on " + p
                            + ". Run again to move them.");
        }
        return new Action.Ask(Gate.GO_HOME, stream.id(), pair.originalPrimary().id());
    }

    /** What is on A is fenced first; what is fenced is let go to P. */
    private Action bringHome(ReplicationStream stream, String lossWindow) {
        Optional<Instant> completed = record.seenSince(stream.id(), status -> status == StreamStatus.COMPLETED)
                .map(record::inThisRun);
        Instant since = Stream.of(
                        completed,
                        record.awayFromHomeSince(),
                        homeApproval(stream).map(Entry.Approved::at))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .orElse(now);
        if (!now.isBefore(since.plus(settings.cutoverLimit()))) {
            return stranded();
        }
        List<String> onActive = sight.proxiesThatAre(ON_ACTIVE, MIXED);
        List<String> fenced = sight.proxiesThatAre(FENCED);
        if (!onActive.isEmpty()) {
            return fence(onActive, lossWindow);
        }
        return fenced.isEmpty()
                ? new Action.Look(SOON, "A proxy does not answer. " + proxies(UNKNOWN))
                : release(fenced);
    }

    private Action stranded() {
        return finish(
                Outcome.STRANDED,
                "The cutover is completed, and traffic could not be let go to " + p + ". "
                        + proxies(FENCED, ON_ACTIVE, MIXED, UNKNOWN)
                        + " Release these proxies by hand, or run again once they answer: nothing must send writes back to "
                        + a + ".");
    }

    // ---- Home

    /** Whether P serves is looked at, for a while when it does not at once. */
    private Action verified(Decision home) {
        Optional<Entry.Verified> verified = record.verified();
        if (verified.isEmpty()) {
            return new Action.Verify();
        }
        if (verified.get().serves()) {
            return home.decide();
        }
        Instant deadline =
                record.firstUnverified().orElse(now).plus(settings.proxyLimit().multipliedBy(2));
        if (!now.isBefore(deadline)) {
            return finish(
                    Outcome.UNPROTECTED,
                    "The cutover is completed, and whether " + p + " serves could not be verified. "
                            + verified.get().detail() + " Look at " + p + "; nothing must send writes back to " + a
                            + ".");
        }
        return now.isBefore(verified.get().at().plus(SOON))
                ? new Action.Look(SOON, verified.get().detail())
                : new Action.Verify();
    }

    private Action alreadyHome(String home) {
        return settings.reProtect()
                ? finish(Outcome.UNPROTECTED, home + notReProtected())
                : finish(Outcome.COMPLETED, home);
    }

    private String notReProtected() {
        return " It was not re-protected: " + a + " may hold writes that are missing on " + p
                + ", and the forward stream would erase them.";
    }

    private Action home(ReplicationStream stream) {
        List<String> losses = losses();
        String home = (proxied ? p + " serves." : p + " is a cluster of its own; traffic unknown.")
                + (losses.isEmpty()
                        ? ""
                        : " Writes may have been lost: " + String.join(" ", losses) + " Compare both clusters before "
                                + a + " is erased.");
        if (!settings.reProtect()) {
            return finish(Outcome.COMPLETED, home);
        }
        boolean releasedByUs = sight.proxies().stream()
                .allMatch(proxy -> record.lastCalled(Call.RELEASE, proxy.name()).isPresent());
        if (proxied && !releasedByUs) { // nor does this record know what clients did until then
            return finish(Outcome.UNPROTECTED, home + " Somebody else let clients go to " + p + "." + notReProtected());
        }
        boolean nothingLost = proxied
                && losses.isEmpty()
                && stream.failoverAt() == null
                && record.cutoverTimeAsked().isEmpty();
        return nothingLost ? reProtect(stream, home) : finish(Outcome.UNPROTECTED, home + notReProtected());
    }

    private List<String> losses() {
        List<String> losses = new ArrayList<>(record.lossWindows().stream()
                .map(Entry.LossWindow::words)
                .distinct()
                .toList());
        if (record.openedDuringCutover()) {
            losses.add("A proxy was seen open, or not seen, during the cutover.");
        }
        if (record.foundReleasedProxyFenced()) {
            losses.add("A proxy that had been let go to " + p
                    + " was fenced by somebody else, perhaps because it let clients to " + a + ".");
        }
        return losses;
    }

    // ---- Re-protection

    private Action reProtect(ReplicationStream stream, String home) {
        Optional<ReplicationStream> forward = streams.liveForwardStream()
                .filter(live -> stream.activatedAt() == null || live.createdAt().isAfter(stream.activatedAt()));
        if (forward.isPresent()) {
            return awaitProtection(forward.get(), home);
        }
        if (record.abortRequested()) {
            return finish(Outcome.UNPROTECTED, home + " Re-protection was aborted.");
        }
        Optional<Entry.NotApproved> no = record.refusal(Gate.RE_PROTECT);
        if (no.isPresent()) {
            return finish(Outcome.UNPROTECTED, home + " It was not re-protected: " + answer(no.get()));
        }
        String target = CreateStage.creationOf(
                pair.originalPrimary().id(), pair.active().id());
        Optional<Instant> posted = record.lastCalled(Call.CREATE_FORWARD_STREAM, target);
        if (posted.isPresent()) {
            Optional<Entry.Called> result = record.lastResult(Call.CREATE_FORWARD_STREAM, target)
                    .filter(called -> called.result().isWithoutEffect());
            if (result.isPresent()) {
                return finish(Outcome.UNPROTECTED, home + " " + result.get().detail());
            }
            Optional<ReplicationStream> ended = streams.forwardStreamSince(stream.activatedAt())
                    .filter(last -> !last.status().isLive());
            return ended.isPresent()
                    ? finish(
                            Outcome.UNPROTECTED,
                            home + " " + capital(pair.describe(ended.get())) + " is "
                                    + ended.get().statusName() + ".")
                    : lookUntil(
                            record.inThisRun(posted.get()).plus(CreateStage.CREATION_IN_DOUBT),
                            "The forward stream was asked for and does not show yet.",
                            () -> finish(
                                    Outcome.UNPROTECTED,
                                    home
                                            + " The forward stream was asked for and does not show. If it was created, it is"
                                            + " erasing " + a + ". Look at both clusters in the Cloud Console."));
        }
        List<Check> failed = streams.exchanged().roleProof(false).stream()
                .filter(Check::failed)
                .toList();
        if (!failed.isEmpty()) {
            return finish(
                    Outcome.UNPROTECTED,
                    home + " It was not re-protected. " + failed.get(0).reason());
        }
        return approval(Gate.RE_PROTECT, stream.id(), pair.active().id()).isPresent()
                ? new Action.CreateForwardStream(
                        NewStream.from(pair.originalPrimary().id())
                                .erasing(pair.active().id()))
                : new Action.Ask(Gate.RE_PROTECT, stream.id(), pair.active().id());
    }

    private Action awaitProtection(ReplicationStream forward, String home) {
        if (isReady(forward)) {
            return finish(Outcome.COMPLETED, home + " It is protected by " + pair.describe(forward) + ".");
        }
        Instant deadline = forward.createdAt().plus(settings.startLimit()).plus(settings.catchUpLimit());
        if (record.abortRequested() || !now.isBefore(deadline)) {
            return finish(
                    Outcome.UNPROTECTED,
                    home + " " + capital(pair.describe(forward)) + " is " + forward.statusName()
                            + " and goes on by itself.");
        }
        return new Action.Await(forward.id(), StreamCondition.caughtUp(settings.maxLag()), deadline);
    }
}
