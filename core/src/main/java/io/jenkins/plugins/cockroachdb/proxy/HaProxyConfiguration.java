package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What HAProxy's configuration files say of one backend, as far as its Runtime API hides it. They are what the next start reads, which
 * is what matters here, and not always what the running process has read.
 */
final class HaProxyConfiguration {

    private static final Pattern SECTION = Pattern.compile(
            "global|defaults|frontend|backend|listen|peers|resolvers|program|userlist|mailers|cache|ring|fcgi-app|http-errors|log-forward");
    private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|'[^']*'|\\\\.|[^\\s\"'\\\\#])+|#.*");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)(?:-([^}]*))?}|(\\w+))");

    /** What an environment variable of HAProxy holds. */
    interface Variables {
        Optional<String> of(String name) throws ProxyFailure;
    }

    /**
     * The lines of one section, as words.
     *
     * @param defaults the section that says what this one does not
     */
    private record Section(String kind, String name, Optional<Section> defaults, List<List<String>> lines) {

        /** What follows the words in the last line that begins so. */
        private Optional<String> value(String... words) {
            return lines.stream()
                    .filter(line -> line.size() > words.length
                            && line.subList(0, words.length).equals(List.of(words)))
                    .map(line -> line.get(words.length))
                    .reduce((first, last) -> last);
        }

        private boolean has(String... words) {
            return lines.stream()
                    .anyMatch(line -> line.size() >= words.length
                            && line.subList(0, words.length).equals(List.of(words)));
        }
    }

    private final List<Section> sections = new ArrayList<>();
    private final String backend;

    private HaProxyConfiguration(String backend) {
        this.backend = backend;
    }

    /** @throws IOException if one of the files cannot be read */
    static HaProxyConfiguration read(List<Path> files, String backend) throws IOException {
        HaProxyConfiguration configuration = new HaProxyConfiguration(backend);
        Optional<Section> lastDefaults = Optional.empty();
        for (Path file : files) {
            for (String line : Files.readAllLines(file)) {
                List<String> words = words(line);
                if (words.isEmpty()) {
                    continue;
                }
                if (SECTION.matcher(words.get(0)).matches()) {
                    Section section = configuration.begin(words, lastDefaults);
                    if (section.kind().equals("defaults")) {
                        lastDefaults = Optional.of(section);
                    }
                } else if (!configuration.sections.isEmpty()) {
                    configuration
                            .sections
                            .get(configuration.sections.size() - 1)
                            .lines()
                            .add(words);
                }
            }
        }
        return configuration;
    }

    private Section begin(List<String> head, Optional<Section> lastDefaults) {
        int from = head.indexOf("from");
        Section section = new Section(
                head.get(0),
                head.size() > 1 ? head.get(1) : "",
                from > 0 && from + 1 < head.size() ? section("defaults", head.get(from + 1)) : lastDefaults,
                new ArrayList<>());
        sections.add(section);
        return section;
    }

    private static List<String> words(String line) {
        return WORD.matcher(line)
                .results()
                .map(MatchResult::group)
                .takeWhile(word -> !word.startsWith("#"))
                .map(word -> word.replaceAll("[\"']", ""))
                .toList();
    }

    private Optional<Section> section(String kind, String name) {
        return sections.stream()
                .filter(section -> section.kind().equals(kind) && section.name().equals(name))
                .findFirst();
    }

    private Optional<Section> ours() {
        return section("backend", backend).or(() -> section("listen", backend));
    }

    /** Whether the backend is in these files at all. */
    boolean knowsBackend() {
        return ours().isPresent();
    }

    /**
     * The file that the backend's servers have their state from after a start; empty when there is none.
     *
     * @param variables of the running HAProxy: the next start has the same ones, as far as anybody can tell
     */
    Optional<Path> stateFile(Variables variables) throws ProxyFailure {
        String load = ours().flatMap(section -> section.value("load-server-state-from-file")
                        .or(() -> section.defaults().flatMap(each -> each.value("load-server-state-from-file"))))
                .orElse("none");
        if (!load.equals("global")) {
            return Optional.empty();
        }
        Optional<String> file = global("server-state-file");
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Path base = Path.of(expand(global("server-state-base").orElse("/"), variables));
        return Optional.of(base.resolve(expand(file.get(), variables)));
    }

    private Optional<String> global(String word) {
        return sections.stream()
                .filter(section -> section.kind().equals("global"))
                .flatMap(section -> section.value(word).stream())
                .reduce((first, last) -> last);
    }

    private static String expand(String text, Variables variables) throws ProxyFailure {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder expanded = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1) != null ? matcher.group(1) : matcher.group(3);
            String otherwise = matcher.group(2) != null ? matcher.group(2) : "";
            matcher.appendReplacement(
                    expanded, Matcher.quoteReplacement(variables.of(name).orElse(otherwise)));
        }
        return matcher.appendTail(expanded).toString();
    }

    /** What sends clients to servers in maintenance; empty when nothing does. */
    Optional<String> pastMaintenance() {
        Optional<Section> ours = ours();
        if (ours.filter(section -> section.has("force-persist")).isPresent()) {
            return Optional.of("force-persist");
        }
        boolean persists = ours.filter(section -> !section.has("no", "option", "persist"))
                .filter(section -> section.has("option", "persist")
                        || section.defaults()
                                .filter(each -> each.has("option", "persist"))
                                .isPresent())
                .isPresent();
        return persists ? Optional.of("option persist") : Optional.empty();
    }
}
