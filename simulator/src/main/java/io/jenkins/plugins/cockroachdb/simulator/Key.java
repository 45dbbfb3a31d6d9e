package io.jenkins.plugins.cockroachdb.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Comparator;

/**
 * The place of an item in a list, which is also what a page token holds: a page begins after an item, not at a number, so
 * that nothing is skipped or repeated when the list changes between two pages.
 *
 * @param sort the text by which the list is sorted
 * @param id tells items with equal texts apart
 */
record Key(String sort, String id) implements Comparable<Key> {

    private static final Comparator<Key> ORDER = Comparator.comparing(Key::sort).thenComparing(Key::id);

    /** Of one width, so that the order of the texts is that of the times. */
    private static final DateTimeFormatter SORTABLE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS").withZone(ZoneOffset.UTC);

    static Key of(Instant instant, String id) {
        return new Key(SORTABLE.format(instant), id);
    }

    String token() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((sort + "\n" + id).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The place that a token names.
     *
     * @throws ApiException if the token is none of ours
     */
    static Key ofToken(String token) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8).split("\n", -1);
            if (parts.length == 2) {
                return new Key(parts[0], parts[1]);
            }
        } catch (IllegalArgumentException e) {
            // falls through to the refusal
        }
        throw ApiException.invalid("pagination.page is not a page token: take next_page of the answer before");
    }

    @Override
    public int compareTo(Key other) {
        return ORDER.compare(this, other);
    }
}
