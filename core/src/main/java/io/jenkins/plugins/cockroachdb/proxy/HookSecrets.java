package io.jenkins.plugins.cockroachdb.proxy;

import java.util.Locale;
import java.util.regex.Pattern;

/** What a hook must not be given, and what of its words must not be shown. */
final class HookSecrets {

    private static final Pattern NAME =
            Pattern.compile("PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY");

    /** Where a secret is, rather than the secret. */
    private static final Pattern PLACE = Pattern.compile("(FILE|PATH|DIR)$");

    /** An API key of CockroachDB Cloud, or what somebody cut out of one. */
    private static final Pattern KEY = Pattern.compile("CCDB1_[A-Za-z0-9_]+");

    private static final Pattern PASSWORD_IN_URL = Pattern.compile("://[^/\\s@]*:[^/\\s@]+@");

    /** Controls, separators of lines, and formats that reorder or hide text: they forge log lines and steer terminals. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

    private HookSecrets() {}

    /** Whether something of this name is a secret, as far as a name can say. */
    static boolean isSecretName(String name) {
        String upperCase = name.toUpperCase(Locale.ROOT);
        return NAME.matcher(upperCase).find() && !PLACE.matcher(upperCase).find();
    }

    /** Whether there is a secret in the value that can be known by its shape. */
    static boolean isSecretValue(String value) {
        return KEY.matcher(value).find() || PASSWORD_IN_URL.matcher(value).find();
    }

    /** Foreign text as one line that can be shown. */
    static String printable(String text) {
        String masked = PASSWORD_IN_URL
                .matcher(KEY.matcher(text).replaceAll("CCDB1_***"))
                .replaceAll("://***@");
        return INVISIBLE.matcher(masked.strip()).replaceAll(" ");
    }
}
