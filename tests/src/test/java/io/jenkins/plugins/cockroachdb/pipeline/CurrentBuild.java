package io.jenkins.plugins.cockroachdb.pipeline;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The build as a pipeline sees it. */
public final class CurrentBuild implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String starter;
    private final int number;
    private String displayName;
    private String description;
    private String result;

    CurrentBuild(String starter, int number) {
        this.starter = starter;
        this.number = number;
    }

    public List<Map<String, String>> getBuildCauses(String type) {
        List<Map<String, String>> causes = new ArrayList<>();
        if (type.equals("hudson.model.Cause$UserIdCause") && starter != null) {
            causes.add(Map.of("userId", starter));
        }
        return causes;
    }

    public int getNumber() {
        return number;
    }

    public String getDisplayName() {
        return displayName;
    }

    public void setDisplayName(String displayName) {
        this.displayName = displayName;
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String description) {
        this.description = description;
    }

    public String getResult() {
        return result;
    }

    public void setResult(String result) {
        this.result = result;
    }
}
