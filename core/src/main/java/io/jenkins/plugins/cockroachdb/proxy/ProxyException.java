package io.jenkins.plugins.cockroachdb.proxy;

/** A proxy refused, or did not do, what it was told. */
public final class ProxyException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String proxy;

    /**
     * @param proxy the proxy's name
     * @param whatHappened a sentence: what was asked and what came back, with every password masked
     * @param whatToDo a sentence: the remedy
     */
    public ProxyException(String proxy, String whatHappened, String whatToDo) {
        super("Proxy " + proxy + ": " + whatHappened + " " + whatToDo);
        this.proxy = proxy;
    }

    /** The proxy's name. */
    public String proxy() {
        return proxy;
    }
}
