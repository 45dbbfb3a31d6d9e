package io.jenkins.plugins.cockroachdb.proxy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a hook answers to {@code status}: lines {@code KEY=VALUE}. */
final class HookAnswer {

    private static final String TRAFFIC = "traffic";
    private static final String SESSIONS_ACTIVE = "sessionsActive";
    private static final String SESSIONS_ORIGINAL = "sessionsOriginal";
    private static final String DETAIL = "detail";
    private static final Set<String> KEYS = Set.of(TRAFFIC, SESSIONS_ACTIVE, SESSIONS_ORIGINAL, DETAIL);

    private static final String REMEDY =
            "Have it print lines KEY=VALUE and nothing else: traffic (active, fenced, primary,"
                    + " mixed or unknown) and, as far as they are known, sessionsActive, sessionsOriginal and detail.";

    private final Map<String, String> values;

    private HookAnswer(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads an answer. What contradicts itself is believed in nothing but the sessions.
     *
     * @param proxy the proxy's name
     * @param who the command, for messages
     * @throws ProxyFailure if it is no answer, or a fence that nobody can believe
     */
    static ProxyStatus read(String proxy, String who, String output) throws ProxyFailure {
        return new HookAnswer(values(who, output)).status(proxy, who);
    }

    private static Map<String, String> values(String who, String output) throws ProxyFailure {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>(output.lines().toList());
        lines.removeIf(String::isBlank);
        for (String line : lines) {
            int equals = line.indexOf('=');
            String key = equals < 0 ? "" : line.substring(0, equals).strip();
            if (!KEYS.contains(key)) {
                throw wrong(who, "the line \"" + HookSecrets.printable(line) + "\"");
            }
            if (values.put(key, line.substring(equals + 1).strip()) != null) {
                throw wrong(who, key + " twice");
            }
        }
        if (!values.containsKey(TRAFFIC)) {
            throw wrong(who, lines.isEmpty() ? "nothing" : "no traffic");
        }
        return values;
    }

    private ProxyStatus status(String proxy, String who) throws ProxyFailure {
        Traffic traffic =
                switch (values.get(TRAFFIC)) {
                    case "active" -> Traffic.ON_ACTIVE;
                    case "fenced" -> Traffic.FENCED;
                    case "primary" -> Traffic.ON_ORIGINAL_PRIMARY;
                    case "mixed" -> Traffic.MIXED;
                    case "unknown" -> Traffic.UNKNOWN;
                    default -> throw wrong(who, "traffic=" + HookSecrets.printable(values.get(TRAFFIC)));
                };
        int active = sessions(SESSIONS_ACTIVE, who);
        int original = sessions(SESSIONS_ORIGINAL, who);
        if (traffic == Traffic.FENCED && active < 0) {
            throw new ProxyFailure(
                    who + " says traffic=fenced without sessionsActive=0.",
                    "Have it count the sessions on A: a fence that leaves open what is connected already is none.");
        }
        String detail = HookSecrets.printable(values.getOrDefault(DETAIL, ""));
        if (traffic == Traffic.UNKNOWN && detail.isEmpty()) {
            detail = who + " says so, without a detail.";
        }
        boolean leftOnActive = active > 0 && (traffic == Traffic.FENCED || traffic == Traffic.ON_ORIGINAL_PRIMARY);
        boolean leftOnOriginal = original > 0 && (traffic == Traffic.FENCED || traffic == Traffic.ON_ACTIVE);
        if (leftOnActive || leftOnOriginal) {
            detail = ("It says traffic=" + values.get(TRAFFIC) + ", but there are "
                            + (leftOnActive ? active + " sessions on A" : "")
                            + (leftOnActive && leftOnOriginal ? " and " : "")
                            + (leftOnOriginal ? original + " sessions on P" : "") + ". " + detail)
                    .strip();
            traffic = Traffic.MIXED;
        }
        return new ProxyStatus(proxy, traffic, active, original, detail);
    }

    private int sessions(String key, String who) throws ProxyFailure {
        String value = values.get(key);
        if (value == null) {
            return -1;
        }
        if (!value.matches("[0-9]{1,9}")) {
            throw wrong(who, key + "=" + HookSecrets.printable(value) + ", which is not a number");
        }
        return Integer.parseInt(value);
    }

    /** What a status has to say after a verb, for a person. */
    static String wanted(Verb verb) {
        return switch (verb) {
            case FENCE -> "traffic=fenced and sessionsActive=0";
            case UNFENCE -> "traffic=active";
            case RELEASE -> "traffic=primary";
        };
    }

    private static ProxyFailure wrong(String who, String what) {
        return new ProxyFailure(who + " answers " + what + ".", REMEDY);
    }
}
