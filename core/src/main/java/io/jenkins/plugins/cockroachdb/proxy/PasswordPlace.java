package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a password is, which is all that a description says of it.
 *
 * @param variable the environment variable that holds it
 * @param file the file whose first line it is; when there is one, the variable does not count
 */
public record PasswordPlace(String variable, Optional<Path> file) {

    public PasswordPlace {
        Objects.requireNonNull(variable, "variable");
        Objects.requireNonNull(file, "file");
    }

    /** From {@code passwordFile} or {@code passwordEnv}. */
    static PasswordPlace of(DescriptionText text, String usualVariable) {
        return new PasswordPlace(
                text.take("passwordEnv").orElse(usualVariable),
                text.take("passwordFile").map(Path::of));
    }

    /** @throws ProxyFailure if there is none */
    String read(Function<String, Optional<String>> variables) throws ProxyFailure {
        if (file.isEmpty()) {
            return variables
                    .apply(variable)
                    .filter(value -> !value.isEmpty())
                    .orElseThrow(() -> new ProxyFailure(
                            "A password is asked for, and " + variable + " is not set.",
                            "Set this environment variable, or name another (passwordEnv) or a file (passwordFile)."));
        }
        try {
            return Files.readString(file.get())
                    .lines()
                    .findFirst()
                    .filter(line -> !line.isEmpty())
                    .orElseThrow(() -> new ProxyFailure(
                            "The first line of the password file " + file.get() + " is empty.",
                            "Put the password there."));
        } catch (IOException e) {
            throw new ProxyFailure(
                    "The password file " + file.get() + " could not be read (" + ProxyFailure.words(e) + ").",
                    "Name a file that this user may read.");
        }
    }
}
