package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.proxy.PgBouncerSight.Destination;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgBouncerFileTest {

    private static final PgAddress A = new PgAddress("a", 26257);
    private static final PgAddress P = new PgAddress("p", 26257);

    @TempDir
    Path directory;

    private PgBouncerFile file(String content) throws IOException {
        Path path = Files.writeString(directory.resolve("databases.ini"), content, StandardCharsets.UTF_8);
        return new PgBouncerFile((PgBouncerDescription)
                ProxyDescription.parse("pgbouncer:/run?database=app&primary=p&standby=a&file=" + path));
    }

    private String content() throws IOException {
        return Files.readString(directory.resolve("databases.ini"), StandardCharsets.UTF_8);
    }

    private static void lead(PgBouncerFile file, PgAddress to) throws ProxyFailure {
        try (PgBouncerFile.Edit edit = file.prepare(file.read(), to)) {
            edit.apply();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "app = host=a port=26257|app = host=p port=26257",
                "app=host=a port=26257 dbname=bank|app=host=p port=26257 dbname=bank",
                "  app\t=  port = 26257   host = a  |  app\t=  port = 26257   host = p  ",
                "\"app\" = host='a' port='26257' password='it''s host=x'|\"app\" = host=p port=26257 password='it''s host=x'",
                "app = password=o'clock host=a port=26257|app = password=o'clock host=p port=26257",
                "app = host=A port=26257 connect_query='SELECT 1'|app = host=p port=26257 connect_query='SELECT 1'"
            })
    void onlyHostAndPortAreChanged(String before, String after) throws Exception {
        PgBouncerFile file = file("; Größe: ½ \u0085 …\r\n# app = host=x\n[databases]\n* = host=x\n" + before
                + "\r\napp2 = host=a port=26257\nmyapp = host=a");
        assertThat(file.read().destination()).isEqualTo(Destination.ACTIVE);

        lead(file, P);

        assertThat(content())
                .isEqualTo("; Größe: ½ \u0085 …\r\n# app = host=x\n[databases]\n* = host=x\n" + after
                        + "\r\napp2 = host=a port=26257\nmyapp = host=a");
        assertThat(file.read().destination()).isEqualTo(Destination.ORIGINAL_PRIMARY);
    }

    @Test
    void whatIsMissingIsAdded() throws Exception {
        PgBouncerFile file = file("app = dbname=bank\n");
        assertThat(file.read().destination()).isEqualTo(Destination.ELSEWHERE);

        lead(file, A);

        assertThat(content()).isEqualTo("app = host=a port=26257 dbname=bank\n");
    }

    @Test
    void withoutAPortItIsPostgreSqls() throws Exception {
        assertThat(file("app = host=a").read().address()).isEqualTo("a:5432");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* = host=a port=26257",
                "; app = host=a port=26257",
                "app = host=a port=26257\napp = host=p port=26257",
                "app = host=a port=26257 host=p",
                "app = host='a port=26257",
                "app = postgresql://a:26257/bank"
            })
    void whatIsNotOneLineOfOursIsRefusedAndNotShown(String content) throws Exception {
        PgBouncerFile file = file(content + "\n; password='a secret'");

        assertThatThrownBy(file::read)
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContainingAll("databases.ini", "as in docs/examples/pgbouncer")
                .hasMessageNotContaining("secret");
    }

    @Test
    void permissionsAndALinkStayAsTheyAre() throws Exception {
        PgBouncerFile file = file("app = host=a port=26257\n");
        Path path = directory.resolve("databases.ini");
        Path real = Files.move(path, directory.resolve("real.ini"));
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(path, real);

        lead(file, P);

        assertThat(path).isSymbolicLink();
        assertThat(Files.getPosixFilePermissions(real)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(content()).isEqualTo("app = host=p port=26257\n");
    }

    @Test
    void whatIsNotAppliedLeavesNothingBehind() throws Exception {
        PgBouncerFile file = file("app = host=a port=26257\n");

        file.prepare(file.read(), P).close();

        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all).containsExactly(directory.resolve("databases.ini"));
        }
        assertThat(content()).isEqualTo("app = host=a port=26257\n");
    }

    @Test
    void whatSomebodyElseWroteMeanwhileIsNotOverwritten() throws Exception {
        PgBouncerFile file = file("app = host=a port=26257\n");
        try (PgBouncerFile.Edit edit = file.prepare(file.read(), P)) {
            edit.apply();
            file("app = host=a port=26257 pool_size=7\n");

            assertThatThrownBy(edit::undo).hasMessageContaining("was changed by somebody else meanwhile");
        }
        assertThat(content()).isEqualTo("app = host=a port=26257 pool_size=7\n");
    }
}
