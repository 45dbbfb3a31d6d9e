package io.jenkins.plugins.cockroachdb.jenkins;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.FilePath;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.cockroachdb.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.libs.FolderLibraries;
import org.jenkinsci.plugins.workflow.libs.GlobalLibraries;
import org.jenkinsci.plugins.workflow.libs.GlobalUntrustedLibraries;
import org.jenkinsci.plugins.workflow.libs.LibraryConfiguration;
import org.jenkinsci.plugins.workflow.libs.LibraryResolver;
import org.jenkinsci.plugins.workflow.libs.LibraryRetriever;

/**
 * Makes the shared library that comes with this plugin one that any job can name: {@code @Library('cockroachdb-failback') _}. Its
 * code runs in the sandbox, and it is not loaded unless it is named.
 *
 * <p>It is asked before every other place of libraries, so that one of the same name is seen: which of the two moves production is
 * nothing to guess.
 */
@Extension(ordinal = 1000)
public final class BundledLibrary extends LibraryResolver {

    /** As a pipeline names it. */
    static final String NAME = "cockroachdb-failback";

    /** Where the build of this plugin puts the library's directories. */
    private static final String PLACE = "io/jenkins/plugins/cockroachdb/jenkins/library";

    @Override
    public boolean isTrusted() {
        return false;
    }

    @Override
    @NonNull
    public Collection<LibraryConfiguration> forJob(
            @NonNull Job<?, ?> job, @NonNull Map<String, String> libraryVersions) {
        if (!libraryVersions.containsKey(NAME)) {
            return List.of();
        }
        LibraryConfiguration configuration = configuration(
                otherPlace(job).<LibraryRetriever>map(Refusing::new).orElseGet(Copying::new));
        configuration.setAllowVersionOverride(Version.text().equals(libraryVersions.get(NAME)));
        return List.of(configuration);
    }

    @Override
    @NonNull
    public Collection<LibraryConfiguration> suggestedConfigurations(@NonNull ItemGroup<?> group) {
        return List.of(configuration(new Copying()));
    }

    private static LibraryConfiguration configuration(LibraryRetriever retriever) {
        LibraryConfiguration configuration = new LibraryConfiguration(NAME, retriever);
        configuration.setDefaultVersion(Version.text());
        configuration.setAllowVersionOverride(false);
        configuration.setIncludeInChangesets(false);
        return configuration;
    }

    /** Where else somebody has configured a library of this name that the job would see. */
    private static Optional<String> otherPlace(Job<?, ?> job) {
        Map<String, String> wanted = new HashMap<>();
        wanted.put(NAME, null); // of any version
        return ExtensionList.lookup(LibraryResolver.class).stream()
                .filter(resolver -> !(resolver instanceof BundledLibrary || resolver instanceof Again))
                .filter(resolver -> resolver.forJob(job, wanted).stream().anyMatch(each -> NAME.equals(each.getName())))
                .map(BundledLibrary::described)
                .findFirst();
    }

    private static String described(LibraryResolver resolver) {
        if (resolver instanceof GlobalLibraries.ForJob) {
            return "under Manage Jenkins, System, " + GlobalLibraries.get().getDisplayName();
        }
        if (resolver instanceof GlobalUntrustedLibraries.ForJob) {
            return "under Manage Jenkins, System, "
                    + GlobalUntrustedLibraries.get().getDisplayName();
        }
        return resolver instanceof FolderLibraries.ForJob
                ? "in the configuration of a folder of this job"
                : "by " + resolver.getClass().getName();
    }

    /** The same for the step {@code library}: there the last one that is asked counts, and not the first. */
    @Extension(ordinal = -1000)
    public static final class Again extends LibraryResolver {

        @Override
        public boolean isTrusted() {
            return false;
        }

        @Override
        @NonNull
        public Collection<LibraryConfiguration> forJob(
                @NonNull Job<?, ?> job, @NonNull Map<String, String> libraryVersions) {
            return ExtensionList.lookupSingleton(BundledLibrary.class).forJob(job, libraryVersions);
        }
    }

    /** Has no changes to tell of. */
    private abstract static class WithoutChangelog extends LibraryRetriever {

        @Override
        public void retrieve(
                @NonNull String name,
                @NonNull String version,
                boolean changelog,
                @NonNull FilePath target,
                @NonNull Run<?, ?> run,
                @NonNull TaskListener listener)
                throws Exception {
            retrieve(name, version, target, run, listener);
        }
    }

    /** Gives a build its own copy, with which it also resumes after an update of this plugin. */
    private static final class Copying extends WithoutChangelog {

        @Override
        public void retrieve(
                @NonNull String name,
                @NonNull String version,
                @NonNull FilePath target,
                @NonNull Run<?, ?> run,
                @NonNull TaskListener listener)
                throws Exception {
            Path program = program();
            Path copy = Path.of(target.getRemote());
            if (Files.isDirectory(program)) {
                copy(program.resolve(PLACE), copy);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(program)) {
                    copy(jar.getPath(PLACE), copy);
                }
            }
        }

        /** The .jar, or the directory, that has this class. */
        private static Path program() throws URISyntaxException {
            return Path.of(BundledLibrary.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        }

        private static void copy(Path from, Path to) throws IOException {
            try (Stream<Path> all = Files.walk(from)) {
                all.forEach(each -> {
                    try {
                        Path target = to.resolve(from.relativize(each).toString());
                        if (Files.isDirectory(each)) {
                            Files.createDirectories(target);
                        } else {
                            Files.copy(each, target);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }

    /** Ends a build that could not know which of two libraries it gets. */
    private static final class Refusing extends WithoutChangelog {

        private final String otherPlace;

        Refusing(String otherPlace) {
            this.otherPlace = otherPlace;
        }

        @Override
        public void retrieve(
                @NonNull String name,
                @NonNull String version,
                @NonNull FilePath target,
                @NonNull Run<?, ?> run,
                @NonNull TaskListener listener)
                throws Exception {
            throw new AbortException("There are two libraries named " + NAME
                    + ": the one of this name that comes with the"
                    + " plugin CockroachDB Cloud Failback " + version + ", and one that is configured " + otherPlace
                    + ". Neither was loaded, and nothing was done. To use the plugin's, remove or rename the other; to use the"
                    + " other, give it another name there and in @Library.");
        }
    }
}
