package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.kohsuke.stapler.DataBoundConstructor;

/** How {@code redirectProxy} saw a proxy, as an element of a step's parameter. */
public final class ProxyState extends AbstractDescribableImpl<ProxyState> {

    private final String name;
    private final String traffic;
    private final int sessionsActive;
    private final int sessionsOriginal;
    private final String detail;

    @DataBoundConstructor
    public ProxyState(String name, String traffic, int sessionsActive, int sessionsOriginal, String detail) {
        this.name = name;
        this.traffic = traffic;
        this.sessionsActive = sessionsActive;
        this.sessionsOriginal = sessionsOriginal;
        this.detail = detail;
    }

    /** Name of the proxy. */
    public String getName() {
        return name;
    }

    /** Where its clients are, in the words of {@code redirectProxy}. */
    public String getTraffic() {
        return traffic;
    }

    /** Sessions to the active cluster; -1 when unknown. */
    public int getSessionsActive() {
        return sessionsActive;
    }

    /** Sessions to the original primary; -1 when unknown. */
    public int getSessionsOriginal() {
        return sessionsOriginal;
    }

    /** What a person should know of it. */
    public String getDetail() {
        return detail;
    }

    /** As {@code redirectProxy} returns it. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("traffic", traffic);
        map.put("sessionsActive", sessionsActive);
        map.put("sessionsOriginal", sessionsOriginal);
        map.put("detail", detail);
        return map;
    }

    /** In the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<ProxyState> {

        @Override
        public String getDisplayName() {
            return Messages.ProxyState_displayName();
        }
    }
}
