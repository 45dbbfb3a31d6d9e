// What `mvn -Pjenkins -pl plugin hpi:run` brings besides the plugin: the simulated cloud, quicker than life, the failback job as it is
// in this repository, and a drill. Both jobs need neither a key nor a network.
import hudson.ExtensionList
import io.jenkins.plugins.cockroachdb.jenkins.CloudConfiguration
import jenkins.model.Jenkins
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition
import org.jenkinsci.plugins.workflow.job.WorkflowJob

def jenkins = Jenkins.get()

def configuration = ExtensionList.lookupSingleton(CloudConfiguration)
if (!configuration.simulated) {
    configuration.simulatedTimeScale = 60
    configuration.simulated = true
    configuration.save()
}

def job = { String name, String description, String pipeline ->
    if (jenkins.getItem(name) == null) {
        def created = jenkins.createProject(WorkflowJob, name)
        created.description = description
        created.definition = new CpsFlowDefinition(pipeline, true)
        created.save()
    }
}

job('failback', 'Brings an application home. The first build makes the form; then choose "Build with Parameters" and cloud "simulated".',
    new File(jenkins.rootDir, 'Jenkinsfile').text)
job('drill', 'A drill on the simulated cloud, there and back, without questions.',
    "@Library('cockroachdb-failback') _\n\ncockroachFailbackDrill simulated: true, rtoSeconds: 60, rpoSeconds: 0\n")
