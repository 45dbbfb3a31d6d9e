package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.model.Item;
import hudson.model.Run;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.report.HtmlReport;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jenkins.model.RunAction2;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.StaplerResponse2;

/**
 * The failbacks of a build: what they came to on its page, and their reports one click away. It persists nothing: everything is
 * read from the records in the build's directory.
 */
public final class FailbackAction implements RunAction2 {

    /** The ending of a record. */
    static final String RECORD = ".jsonl";

    private static final String URL = "cockroachdb-failback";
    private static final String PAGE = ".html";
    private static final Pattern FILE = Pattern.compile("/([0-9]{6})(" + Pattern.quote(RECORD) + "|" + PAGE + ")");

    private transient Run<?, ?> run;
    private transient volatile Shown shown;

    /** What was read, and of which state of the files that is. */
    private record Shown(String state, List<FailbackReport> reports) {}

    /** Shows the records of a build on its page from now on. */
    static void addTo(Run<?, ?> run) throws IOException {
        if (run.getAction(FailbackAction.class) == null) {
            run.addAction(new FailbackAction());
            run.save();
        }
    }

    /** Where the records of a build are. */
    static Path directory(Run<?, ?> run) {
        return run.getRootDir().toPath().resolve(URL);
    }

    @Override
    public void onAttached(Run<?, ?> r) {
        run = r;
    }

    @Override
    public void onLoad(Run<?, ?> r) {
        run = r;
    }

    /** The build. */
    public Run<?, ?> getRun() {
        return run;
    }

    @Override
    public String getIconFileName() {
        return "symbol-undo";
    }

    @Override
    public String getDisplayName() {
        return Messages.FailbackAction_displayName();
    }

    @Override
    public String getUrlName() {
        return URL;
    }

    /** One for each record, the oldest first. */
    public List<FailbackReport> getReports() throws IOException {
        List<Path> records = records(run);
        StringBuilder state = new StringBuilder();
        for (Path record : records) {
            state.append(record).append(Files.size(record)).append(Files.getLastModifiedTime(record));
        }
        Shown last = shown;
        if (last == null || !last.state.equals(state.toString())) {
            last = new Shown(
                    state.toString(), records.stream().map(FailbackReport::of).toList());
            shown = last;
        }
        return last.reports;
    }

    /** The files of a build's records, the oldest first. */
    static List<Path> records(Run<?, ?> run) throws IOException {
        Path directory = directory(run);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> FILE.matcher("/" + file.getFileName()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** The record (.jsonl) or the page (.html) of a failback; with the parameter {@code download}, to be kept. */
    public void doDynamic(StaplerRequest2 request, StaplerResponse2 response) throws IOException, ServletException {
        run.getParent().checkPermission(Item.READ);
        Matcher wanted = FILE.matcher(request.getRestOfPath());
        Path record = wanted.matches() ? directory(run).resolve(wanted.group(1) + RECORD) : null;
        if (record == null || !Files.isRegularFile(record)) {
            response.sendError(404);
            return;
        }
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'");
        if (wanted.group(2).equals(RECORD)) {
            response.setContentType("application/x-ndjson;charset=UTF-8");
            keepAs(response, wanted.group(1) + RECORD);
            Files.copy(record, response.getOutputStream());
            return;
        }
        byte[] page;
        try {
            page = HtmlReport.of(RecordFile.read(record)).getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) { // its message is for a person, and on the build's page
            response.sendError(404);
            return;
        }
        response.setContentType("text/html;charset=UTF-8");
        if (request.getParameter("download") != null) {
            keepAs(response, wanted.group(1) + PAGE);
        }
        response.getOutputStream().write(page);
    }

    private void keepAs(StaplerResponse2 response, String file) {
        String job = run.getParent().getName().replaceAll("[^A-Za-z0-9._-]", "_");
        response.setHeader(
                "Content-Disposition", "attachment; filename=\"" + job + "-" + run.getNumber() + "-" + file + "\"");
    }
}
