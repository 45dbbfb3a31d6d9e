package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;

/** A process that does one verb at one proxy, for tests that kill it. It needs the JDK alone. */
final class OneVerb {

    private OneVerb() {}

    /** @param args verb and description */
    public static void main(String[] args) {
        Proxy proxy = ProxyDescription.parse(args[1])
                .connect(new ProxyEnvironment(
                        name -> Optional.ofNullable(System.getenv(name)),
                        Executors.newCachedThreadPool(),
                        Executors.newSingleThreadScheduledExecutor()));
        Duration minute = Duration.ofMinutes(1);
        System.out.println(
                switch (args[0]) {
                    case "fence" -> proxy.fence(minute, minute).join();
                    case "unfence" -> proxy.unfence(minute).join();
                    default -> proxy.release(minute).join();
                });
        System.exit(0);
    }
}
