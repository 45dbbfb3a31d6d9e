package io.jenkins.plugins.cockroachdb.cli;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The signals of this process, by way of {@code sun.misc.Signal}: a shutdown hook hears only the first one, and has to fight
 * the JVM for the exit code. The class is part of every JDK but of no standard, so it is looked up, and without it signals end the
 * process as they always do; the next run goes on from the record.
 */
final class ProcessSignals implements Signals {

    private static final Map<String, String> NAMES =
            new TreeMap<>(Map.of("INT", "Ctrl-C", "TERM", "SIGTERM", "HUP", "the end of the terminal"));

    @Override
    public Listening listen(Consumer<String> asked) {
        List<Listening> all = new ArrayList<>();
        NAMES.forEach((signal, words) -> all.add(listen(signal, () -> asked.accept(words))));
        return () -> all.forEach(Listening::close);
    }

    @Override
    public void leave(int exitCode) {
        Runtime.getRuntime().halt(exitCode);
    }

    private static Listening listen(String name, Runnable asked) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object ignored = handlerType.getField("SIG_IGN").get(null);
            Object signal = type.getConstructor(String.class).newInstance(name);
            Object handler = Proxy.newProxyInstance(
                    handlerType.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                        asked.run();
                        return null;
                    });
            Object before = handle(type, handlerType, signal, handler);
            if (name.equals("HUP") && before == ignored) { // nohup: it shall outlive its terminal
                handle(type, handlerType, signal, ignored);
                return () -> {};
            }
            return () -> {
                try {
                    handle(type, handlerType, signal, before);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("it could be set, so it can be reset", e);
                }
            };
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return () -> {}; // no such class in this JVM, or no such signal on this system
        }
    }

    private static Object handle(Class<?> type, Class<?> handlerType, Object signal, Object handler)
            throws ReflectiveOperationException {
        return type.getMethod("handle", type, handlerType).invoke(null, signal, handler);
    }
}
