package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Item;
import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.htmlunit.Page;
import org.htmlunit.WebResponse;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** What a build and its job show of the records in the build's directory. */
class RunPageTest extends OnJenkins {

    private static final Instant T0 = Instant.parse("2026-03-01T10:00:00Z");
    private static final String HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>&${1+1}\n$";

    private static Instant at(long second) {
        return T0.plusSeconds(second);
    }

    private static void record(WorkflowRun run, Entry... entries) throws Exception {
        FailbackAction.addTo(run);
        try (RecordFile record = RecordFile.open(FailbackAction.directory(run), "p-1", "a-1", "jenkins", () -> T0)) {
            for (Entry entry : entries) {
                record.append(entry);
            }
        }
    }

    private static Entry[] home() {
        return new Entry[] {
            new Entry.Named(at(1), "orders-east", "orders-west"),
            new Entry.Calling(at(100), Call.FENCE, "edge"),
            new Entry.Called(at(110), Call.FENCE, "edge", Entry.Result.DONE, ""),
            new Entry.FenceProven(at(112), at(114)),
            new Entry.Seen(at(150), "s-1", "REPLICATING", at(120), 30L, "fenced"),
            new Entry.Calling(at(151), Call.INITIATE_CUTOVER, "s-1"),
            new Entry.Called(at(152), Call.INITIATE_CUTOVER, "s-1", Entry.Result.DONE, ""),
            new Entry.Seen(at(200), "s-1", "COMPLETED", null, null, "fenced"),
            new Entry.Calling(at(201), Call.RELEASE, "edge"),
            new Entry.Called(at(203), Call.RELEASE, "edge", Entry.Result.DONE, ""),
            new Entry.Seen(at(204), "s-1", "COMPLETED", null, null, "on P"),
            new Entry.Verified(at(210), true, "It answers."),
            new Entry.Ended(at(211), Outcome.COMPLETED, "Home.")
        };
    }

    private static Entry[] hostile() {
        return new Entry[] {
            new Entry.Named(at(1), HOSTILE, HOSTILE),
            new Entry.Examined(at(2), List.of(new Check(HOSTILE, Check.Verdict.FAIL, HOSTILE, HOSTILE))),
            new Entry.Approved(at(3), Gate.ERASE, HOSTILE, "p-1", HOSTILE),
            new Entry.LossWindow(at(4), HOSTILE),
            new Entry.Ended(at(5), Outcome.REFUSED, HOSTILE)
        };
    }

    private WebResponse get(String path) throws Exception {
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            web.setThrowExceptionOnFailingStatusCode(false);
            return web.goTo(path, null).getWebResponse();
        }
    }

    @Test
    void aBuildTellsWhatItsFailbackCameToAndHasReportAndRecord() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, "echo 'home'");
        record(run, home());
        Path file = FailbackAction.directory(run).resolve("000001.jsonl");

        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            assertThat(web.getPage(run).asNormalizedText())
                    .contains("Failback to orders-east: completed", "orders-east serves.")
                    .contains("Recovery time (RTO): 1 min 38 s.", "Lost writes (RPO): 0.");
            HtmlPage page = web.getPage(run, "cockroachdb-failback/");
            assertThat(page.getElementsByTagName("iframe").get(0).getAttribute("src"))
                    .isEqualTo("000001.html");
            assertThat(page.getElementsByTagName("iframe").get(0).hasAttribute("sandbox"))
                    .isTrue();
        }
        WebResponse report = get(run.getUrl() + "cockroachdb-failback/000001.html");
        assertThat(report.getContentAsString()).contains("Failback to orders-east: completed");
        assertThat(report.getResponseHeaderValue("Content-Security-Policy")).startsWith("sandbox; default-src 'none'");
        assertThat(report.getResponseHeaderValue("Content-Disposition")).isNull();
        assertThat(get(run.getUrl() + "cockroachdb-failback/000001.html?download")
                        .getResponseHeaderValue("Content-Disposition"))
                .isEqualTo("attachment; filename=\"job1-1-000001.html\"");
        WebResponse record = get(run.getUrl() + "cockroachdb-failback/000001.jsonl");
        assertThat(record.getContentAsString()).isEqualTo(Files.readString(file));
        assertThat(record.getResponseHeaderValue("Content-Disposition"))
                .isEqualTo("attachment; filename=\"job1-1-000001.jsonl\"");
    }

    @Test
    void whatIsInARecordStaysText() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, "echo 'refused'");
        record(run, hostile());

        List<String> alerts = new ArrayList<>();
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            web.setAlertHandler((page, message) -> alerts.add(message));
            for (String path : List.of("", "cockroachdb-failback/", "cockroachdb-failback/000001.html")) {
                Page page = web.goTo(run.getUrl() + path, null);
                assertThat(page.getWebResponse().getContentAsString())
                        .as(path)
                        .contains("&lt;script")
                        .doesNotContain("<script>alert('x')", "<img src=x", "&2");
            }
            assertThat(web.getPage(run.getParent()).getWebResponse().getContentAsString())
                    .contains("&lt;script")
                    .doesNotContain("<script>alert('x')", "<img src=x");
        }
        assertThat(alerts).isEmpty();
    }

    @Test
    void nothingElseInTheDirectoryCanBeRead() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, "echo 'home'");
        record(run, home());
        Files.writeString(FailbackAction.directory(run).resolve("other.txt"), "other");

        for (String path : List.of("lock", "other.txt", "..%2fbuild.xml", "000002.jsonl", "000001.xml")) {
            assertThat(get(run.getUrl() + "cockroachdb-failback/" + path).getStatusCode())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @Test
    void whoMayNotReadTheJobSeesNothing() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, "echo 'home'");
        record(run, home());
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ)
                .everywhere()
                .to("stranger", "reader")
                .grant(Item.READ)
                .everywhere()
                .to("reader"));

        for (String file : List.of("000001.html", "000001.jsonl")) {
            for (String user : List.of("stranger", "reader")) {
                try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
                    web.setThrowExceptionOnFailingStatusCode(false);
                    web.login(user);
                    assertThat(web.goTo(run.getUrl() + "cockroachdb-failback/" + file, null)
                                    .getWebResponse()
                                    .getStatusCode())
                            .isEqualTo(user.equals("reader") ? 200 : 404);
                }
            }
        }
    }

    @Test
    void aRecordThatCannotBeReadSaysWhy() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, "echo 'broken'");
        record(run, home());
        Files.writeString(FailbackAction.directory(run).resolve("000001.jsonl"), "no record\n");

        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            assertThat(web.getPage(run).asNormalizedText())
                    .contains("Failback, whose record cannot be read", "line 1 is not JSON");
            assertThat(web.getPage(run.getParent()).getElementsByTagName("rect"))
                    .isNotEmpty();
        }
        assertThat(get(run.getUrl() + "cockroachdb-failback/000001.html").getStatusCode())
                .isEqualTo(404);
    }

    @Test
    void aJobShowsWhatItsNewestFailbacksCost() throws Exception {
        WorkflowRun first = run(Result.SUCCESS, "echo 'home'");
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            assertThat(web.getPage(first.getParent()).getElementById("cockroachdb-failback-history"))
                    .isNull();
        }
        record(first, home());
        WorkflowRun second = jenkins.buildAndAssertSuccess(first.getParent());
        record(second, hostile());

        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            HtmlPage page = web.getPage(first.getParent());
            assertThat(page.getElementById("cockroachdb-failback-history")).isNotNull();
            assertThat(page.getByXPath("//*[name()='rect' and @width='26']")).hasSize(4);
            assertThat(page.asNormalizedText()).contains("98 s", "0 s", "#1", "#2", "completed", "refused");
        }
    }

    @Test
    void aBuildThatIsLoadedAgainShowsTheSame() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, "echo 'home'");
        record(run, home());
        jenkins.jenkins.reload();

        WorkflowRun again =
                jenkins.jenkins.getItemByFullName("job1", WorkflowJob.class).getLastBuild();
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            assertThat(again).isNotSameAs(run);
            assertThat(web.getPage(again).asNormalizedText()).contains("Failback to orders-east: completed");
        }
        assertThat(Files.readString(run.getRootDir().toPath().resolve("build.xml")))
                .contains("FailbackAction")
                .doesNotContain("orders-east");
    }
}
