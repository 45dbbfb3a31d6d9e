package io.jenkins.plugins.cockroachdb.cloud;

import java.util.regex.Pattern;

/** Makes text from outside fit to be shown: API keys masked, control characters gone, length capped. */
public final class Redaction {

    /** The most characters that are kept of one foreign text. */
    public static final int LONGEST = 500;

    /** What stands where a secret stood. */
    public static final String MASK = "CCDB1_***";

    /**
     * The shape of a key is {@code CCDB1_} + 22 characters + {@code _} + 40 characters. Fewer are masked too: a key that
     * was cut somewhere is still most of a key.
     */
    private static final Pattern KEY = Pattern.compile("CCDB1_[A-Za-z0-9_]+");

    /** Controls, separators of lines, and formats that reorder or hide text: they forge log lines and steer terminals. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

    private Redaction() {}

    /** The text with everything masked that has the shape of a key. */
    public static String maskKeys(String text) {
        return KEY.matcher(text).replaceAll(MASK);
    }

    /** The text as one line that can be shown: keys masked, and a space for whatever is not to be seen. */
    public static String printable(String text) {
        return INVISIBLE.matcher(maskKeys(text)).replaceAll(" ");
    }

    /**
     * Foreign text as one printable line of bounded length.
     *
     * @param key the key in use, masked whatever its shape is; null when there is none
     */
    static String line(String text, ApiKey key) {
        // The mask comes before the cap, which could cut a key into a piece that is not recognized any more.
        String line = printable(key == null ? text : key.maskIn(text)).strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
